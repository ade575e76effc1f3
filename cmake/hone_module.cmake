# Rooms and their order.
#
# hone_module(NAME ROOM DEPS ROOM... [LIBRARIES TARGET...] [TEST_DEPS ROOM...])
#   Makes the library hone_ROOM from every *.cpp in the current folder, and hone_ROOM_test from every
#   *_test.cpp. A room sees the headers of the rooms in DEPS, written "room/header.hpp", and no others:
#   each room has an include root of its own that holds nothing but a link to it.
#   A dependency on a room of the same or a higher storey stops the configuration, and so does a
#   "../" in an include, which would go around the walls.

# The storeys, lowest first; rooms of one storey do not see each other. Kept in step with ARCHITECTURE.md.
set(HONE_STOREY_base 0)
set(HONE_STOREY_model 1)
set(HONE_STOREY_tune 2)
set(HONE_STOREY_advise 2)
set(HONE_STOREY_host 3)
set(HONE_STOREY_engines 3)
set(HONE_STOREY_prove 4)
# Rooms inside a room may have storeys of their own.
set(HONE_STOREY_prove/load 3.2)
set(HONE_STOREY_prove/pack 3.4)
set(HONE_STOREY_prove/replay 3.4)
set(HONE_STOREY_prove/compare 3.6)
set(HONE_STOREY_prove/bench 4.1)
set(HONE_STOREY_prove/autotune 4.2)
set(HONE_STOREY_change 4)
set(HONE_STOREY_watch 5)
set(HONE_STOREY_indexers 6)
set(HONE_STOREY_serve 7)
set(HONE_STOREY_apps 8)
# Beside the corridor, on base alone; prove and watch may use them.
set(HONE_STOREY_access 1)
set(HONE_STOREY_blockdb 1)

function(hone_storey_of room result)
  if(DEFINED "HONE_STOREY_${room}")
    set(${result} ${HONE_STOREY_${room}} PARENT_SCOPE)
    return()
  endif()
  string(REGEX REPLACE "/.*" "" top "${room}")
  if(NOT DEFINED HONE_STOREY_${top})
    message(FATAL_ERROR "hone_module: '${room}' is not a room: add its storey to cmake/hone_module.cmake")
  endif()
  set(${result} ${HONE_STOREY_${top}} PARENT_SCOPE)
endfunction()

function(hone_check_dependency room dependency)
  hone_storey_of(${room} storey)
  hone_storey_of(${dependency} dependency_storey)
  if(NOT dependency_storey LESS storey)
    message(FATAL_ERROR "hone_module: room '${room}' may not depend on '${dependency}': "
                        "a room sees only lower storeys (see ARCHITECTURE.md)")
  endif()
  if(room MATCHES "^(access|blockdb)" AND NOT dependency STREQUAL "base")
    message(FATAL_ERROR "hone_module: room '${room}' may depend on base alone, not on '${dependency}'")
  endif()
  if(dependency MATCHES "^(access|blockdb)" AND NOT room MATCHES "^(prove|watch|apps)")
    message(FATAL_ERROR "hone_module: room '${room}' may not depend on '${dependency}'")
  endif()
endfunction()

function(hone_check_includes room)
  foreach(file IN LISTS ARGN)
    file(STRINGS ${file} climbing REGEX "^[ \t]*#[ \t]*include[ \t]+[\"<]\\.\\./")
    if(climbing)
      message(FATAL_ERROR "hone_module: ${file}: ${climbing}: an include may not climb out of room '${room}'")
    endif()
  endforeach()
endfunction()

function(hone_target_name room result)
  string(REPLACE "/" "_" name "hone_${room}")
  set(${result} ${name} PARENT_SCOPE)
endfunction()

function(hone_module)
  cmake_parse_arguments(ARG "" "NAME" "DEPS;LIBRARIES;TEST_DEPS" ${ARGN})
  foreach(dependency IN LISTS ARG_DEPS ARG_TEST_DEPS)
    hone_check_dependency(${ARG_NAME} ${dependency})
  endforeach()

  file(GLOB headers CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.hpp)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  hone_check_includes(${ARG_NAME} ${headers} ${sources})
  set(tests ${sources})
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
  list(FILTER sources EXCLUDE REGEX "_(test|bench|fuzz)\\.cpp$")

  hone_target_name(${ARG_NAME} target)
  set(root ${CMAKE_BINARY_DIR}/rooms/${target})
  get_filename_component(link ${root}/${ARG_NAME} DIRECTORY)
  file(MAKE_DIRECTORY ${link})
  file(CREATE_LINK ${CMAKE_CURRENT_SOURCE_DIR} ${root}/${ARG_NAME} SYMBOLIC)

  add_library(${target} STATIC ${sources})
  target_include_directories(${target} PUBLIC ${root})
  foreach(dependency IN LISTS ARG_DEPS)
    hone_target_name(${dependency} dependency_target)
    target_link_libraries(${target} PUBLIC ${dependency_target})
  endforeach()
  target_link_libraries(${target} PUBLIC ${ARG_LIBRARIES})

  if(HONE_TESTS AND tests)
    add_executable(${target}_test ${tests})
    target_link_libraries(${target}_test PRIVATE ${target} GTest::gmock GTest::gtest_main)
    # Tests are compiled by clang, too, but GoogleTest's macros are not ours to lint.
    set_target_properties(${target}_test PROPERTIES CXX_CLANG_TIDY "")
    foreach(dependency IN LISTS ARG_TEST_DEPS)
      hone_target_name(${dependency} dependency_target)
      target_link_libraries(${target}_test PRIVATE ${dependency_target})
    endforeach()
    gtest_discover_tests(${target}_test NO_PRETTY_VALUES DISCOVERY_TIMEOUT 60 PROPERTIES LABELS unit TIMEOUT 120)
  endif()
endfunction()

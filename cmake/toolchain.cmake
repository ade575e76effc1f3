# Compiler flags that hold for every target, and the faster tools where the machine has them.
find_program(HONE_CCACHE ccache)
if(HONE_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${HONE_CCACHE})
endif()

find_program(HONE_MOLD mold)
if(HONE_MOLD)
  add_link_options(-fuse-ld=mold)
endif()

# -O2 without NDEBUG: broken invariants stop the process in release, too.
set(CMAKE_CXX_FLAGS_RELEASE "-O2")
set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g1 -fno-omit-frame-pointer")

add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion
                    -Wnon-virtual-dtor -Werror=unused-result -Werror=return-type -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 reports these inside its own headers at -O2 (GCC bugs 105329, 105651).
  add_compile_options(-Wno-restrict -Wno-stringop-overflow -Wno-maybe-uninitialized)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  # std::stable_sort of libstdc++ 12 uses what it deprecates itself.
  add_compile_options(-Wno-deprecated-declarations)
endif()
# Designated initializers name what differs from the defaults; the rest is meant to be left out.
add_compile_options(-Wno-missing-field-initializers)
add_compile_options(-fstack-protector-strong)
add_link_options(-Wl,-z,relro,-z,now)
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  add_compile_definitions(_FORTIFY_SOURCE=2 _GLIBCXX_ASSERTIONS)
endif()

if(HONE_SANITIZE)
  add_compile_options(-fsanitize=${HONE_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${HONE_SANITIZE})
endif()
if(HONE_FAILPOINTS)
  add_compile_definitions(HONE_FAILPOINTS=1)
endif()

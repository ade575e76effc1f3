# hone_embed(TARGET FILE SYMBOL): compiles FILE into TARGET as
#   namespace hone::embedded { extern const std::string_view SYMBOL; }
# declared by the room that owns the file. The bytes end up in the binary, so that a program is one file.
function(hone_embed TARGET FILE SYMBOL)
  set(source ${CMAKE_CURRENT_SOURCE_DIR}/${FILE})
  set(output ${CMAKE_CURRENT_BINARY_DIR}/embedded_${SYMBOL}.cpp)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${source})
  file(READ ${source} hex HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," bytes "${hex}")
  file(GENERATE OUTPUT ${output} CONTENT
"#include <string_view>
namespace hone::embedded {
namespace { constexpr char kBytes[] = {${bytes}'\\0'}; }
extern const std::string_view ${SYMBOL};
const std::string_view ${SYMBOL}{kBytes, sizeof(kBytes) - 1};
}
")
  target_sources(${TARGET} PRIVATE ${output})
  set_source_files_properties(${output} PROPERTIES SKIP_LINTING ON)
endfunction()

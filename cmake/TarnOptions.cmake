# Compiler settings of every Tarn target.
add_library(tarn_options INTERFACE)
# Designated initialisers leave the rest at their defaults on purpose.
target_compile_options(tarn_options INTERFACE -Wall -Wextra -Werror -Wno-missing-field-initializers
                       -fvisibility=hidden -fno-omit-frame-pointer)
# g++ 12 warns about paths that std::variant and std::optional cannot take (GCC bugs 80635, 105562).
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(tarn_options INTERFACE -Wno-maybe-uninitialized -Wno-restrict)
endif()
target_include_directories(tarn_options INTERFACE "${CMAKE_SOURCE_DIR}/src")
if(TARN_SANITIZE)
  target_compile_options(tarn_options INTERFACE -fsanitize=address,undefined -fno-sanitize-recover=all)
  target_link_options(tarn_options INTERFACE -fsanitize=address,undefined)
endif()
if(TARN_FUZZ)
  target_compile_options(tarn_options INTERFACE -fsanitize=fuzzer-no-link,address,undefined)
  target_link_options(tarn_options INTERFACE -fsanitize=address,undefined)
endif()

find_program(TARN_MOLD mold)
if(TARN_MOLD)
  target_link_options(tarn_options INTERFACE -fuse-ld=mold)
endif()
# Third-party symbols inside static archives stay inside: libarrow exports its own copies of RE2 and utf8proc.
target_link_options(tarn_options INTERFACE -Wl,--exclude-libs,ALL)

# The Rust crate behind bridge/include/tarn_bridge.h, built by cargo into the shared cache.
set(TARN_CARGO_TARGET "${TARN_CACHE}/cargo-target" CACHE PATH "cargo's target folder")
find_program(CARGO cargo HINTS "$ENV{HOME}/.cargo/bin" REQUIRED)
find_program(PROTOC protoc REQUIRED)

file(GLOB_RECURSE TARN_BRIDGE_SOURCES CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/bridge/src/*.rs")
set(TARN_BRIDGE_SO "${CMAKE_BINARY_DIR}/bridge/libtarn_bridge.so")
# Two clones share one target folder, so what was built is copied out under cargo's lock order, not linked in place.
add_custom_command(
  OUTPUT "${TARN_BRIDGE_SO}"
  COMMAND "${CMAKE_COMMAND}" -E env "CARGO_TARGET_DIR=${TARN_CARGO_TARGET}" "PROTOC=${PROTOC}"
          "${CARGO}" build --release --locked --manifest-path "${CMAKE_SOURCE_DIR}/bridge/Cargo.toml"
  COMMAND "${CMAKE_COMMAND}" -E make_directory "${CMAKE_BINARY_DIR}/bridge"
  COMMAND "${CMAKE_COMMAND}" -E copy "${TARN_CARGO_TARGET}/release/libtarn_bridge.so" "${TARN_BRIDGE_SO}"
  DEPENDS ${TARN_BRIDGE_SOURCES} "${CMAKE_SOURCE_DIR}/bridge/Cargo.toml" "${CMAKE_SOURCE_DIR}/bridge/Cargo.lock"
  COMMENT "Building the bridge (cold: some 25 minutes on two cores; an edit: about a minute)"
  USES_TERMINAL VERBATIM)
add_custom_target(tarn_bridge_build DEPENDS "${TARN_BRIDGE_SO}")

# Tests and the program link the shared form; see docs/decisions for why.
add_library(tarn_dep_bridge SHARED IMPORTED GLOBAL)
set_target_properties(tarn_dep_bridge PROPERTIES IMPORTED_LOCATION "${TARN_BRIDGE_SO}" IMPORTED_NO_SONAME TRUE)
target_include_directories(tarn_dep_bridge SYSTEM INTERFACE "${CMAKE_SOURCE_DIR}/bridge/include")
add_dependencies(tarn_dep_bridge tarn_bridge_build)

# The header alone, for code that must compile without the library.
add_library(tarn_bridge_header INTERFACE)
target_include_directories(tarn_bridge_header SYSTEM INTERFACE "${CMAKE_SOURCE_DIR}/bridge/include")

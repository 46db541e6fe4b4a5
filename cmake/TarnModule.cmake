# tarn_module(NAME USES other... [PUBLIC header...] [LIBS target...] [TEST_LIBS target...])
#
# Declares one room of the house: a static library of every *.cc beside the CMakeLists.txt (one folder level below it
# too), and, if there are *_test.cc files, a unit-test binary `NAME_test` that ctest runs. USES names the modules it may
# include from; PUBLIC names the headers others may include ("*" = all). tools/check_modules.py holds both.
# Sources named bridge_*.cc call the Rust bridge and form a second library, tarn_NAME_bridge. They compile against its C
# header; only an executable that links a *_bridge library needs (and builds) libtarn_bridge.so, so unit tests do not.
add_custom_target(unit_tests)  # every module's test binary, for the sanitizer build

function(tarn_module name)
  cmake_parse_arguments(ARG "" "" "USES;PUBLIC;LIBS;TEST_LIBS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS "*.cc" "*/*.cc")
  set(tests ${sources})
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  list(FILTER sources EXCLUDE REGEX "_test\\.cc$")
  set(bridge_sources ${sources})
  list(FILTER bridge_sources INCLUDE REGEX "/bridge_[^/]*\\.cc$")
  list(FILTER sources EXCLUDE REGEX "/bridge_[^/]*\\.cc$")
  if(sources)
    add_library(tarn_${name} STATIC ${sources})
    set(scope PUBLIC)
  else()
    add_library(tarn_${name} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_link_libraries(tarn_${name} ${scope} tarn_options ${ARG_LIBS})
  foreach(used ${ARG_USES})
    target_link_libraries(tarn_${name} ${scope} tarn_${used})
  endforeach()
  if(bridge_sources)
    add_library(tarn_${name}_bridge STATIC ${bridge_sources})
    target_link_libraries(tarn_${name}_bridge PUBLIC tarn_${name} tarn_bridge_header PRIVATE tarn_dep_simdjson
                          INTERFACE tarn_dep_bridge)
    foreach(used ${ARG_USES})
      if(TARGET tarn_${used}_bridge)
        target_link_libraries(tarn_${name}_bridge PUBLIC tarn_${used}_bridge)
      endif()
    endforeach()
  endif()
  if(tests)
    add_executable(${name}_test ${tests})
    target_link_libraries(${name}_test PRIVATE tarn_${name} ${ARG_TEST_LIBS} GTest::gmock GTest::gtest_main)
    add_dependencies(unit_tests ${name}_test)
    add_test(NAME unit/${name} COMMAND ${name}_test)
    set_tests_properties(unit/${name} PROPERTIES LABELS unit)
  endif()
endfunction()

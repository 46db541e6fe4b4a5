#pragma once

#include <stdexcept>
#include <string>

namespace tarn {

/// Thrown by a failed TARN_CHECK when the process is asked not to abort. Caught only at the
/// engine's door and the C ABI, where it becomes Code::kInternal and closes the session.
class CheckFailure : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

/// Aborts by default (tests, CLI, server); an embedding process asks for CheckFailure instead.
void ThrowOnCheckFailure(bool on);

[[noreturn]] void FailCheck(const char* file, int line, const char* condition,
                            const std::string& why);

}  // namespace tarn

/// Invariants of the program itself; user input never reaches them. Always on.
#define TARN_CHECK(condition, why)                                           \
  do {                                                                       \
    if (!(condition)) [[unlikely]] {                                         \
      ::tarn::FailCheck(__FILE__, __LINE__, #condition, ::std::string(why)); \
    }                                                                        \
  } while (false)

/// The same on hot paths: debug builds only.
#ifdef NDEBUG
#define TARN_DCHECK(condition, why) \
  do {                              \
    (void)sizeof(condition);        \
  } while (false)
#else
#define TARN_DCHECK(condition, why) TARN_CHECK(condition, why)
#endif

#define TARN_UNREACHABLE(why) \
  ::tarn::FailCheck(__FILE__, __LINE__, "unreachable", ::std::string(why))

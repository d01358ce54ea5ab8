// Places where a test lets a program die, or a system call fail.
//
// Every call in this library that changes something which others can see, or
// takes a resource that may be used up, asks InjectFault first. (Opening a file
// to read it does not: there are tests that limit descriptors.) In a release
// build (NDEBUG) that is false at compile time, and nothing of it is left.
//
// Two environment variables choose what happens:
//   CSA_FAULT      faults, separated by ";", each "PROGRAM CALL N ACTION". When
//                  PROGRAM comes to CALL for the Nth time (from 1), it is
//                  killed (ACTION is "kill"), fails (an error number), or
//                  writes one byte of what it is to write ("short").
//   CSA_FAULT_LOG  an existing file to which each point is added that is come
//                  to: "PROGRAM CALL N". From it a test learns what to choose.

#ifndef CSA_COMMON_OS_FAULT_POINT_H_
#define CSA_COMMON_OS_FAULT_POINT_H_

#include <cstddef>

namespace csa {

#ifdef NDEBUG

consteval bool InjectFault(const char* /*call*/) { return false; }
constexpr size_t WriteSize(size_t size) { return size; }

#else

// Whether `call`, a system call that is to be made now, fails at the wish of a
// test; errno is set then. Does not return where the test wants a death. Used
// as `InjectFault("mkdir") ? -1 : mkdir(…)`. Async-signal-safe after its first
// call.
bool InjectFault(const char* call);

// How much to write of `size` bytes: one, after an InjectFault that has found
// that a test wants a short write.
size_t WriteSize(size_t size);

#endif  // NDEBUG

}  // namespace csa

#endif  // CSA_COMMON_OS_FAULT_POINT_H_

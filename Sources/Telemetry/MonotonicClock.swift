internal import CLinux
internal import Glibc

/// Nanoseconds of the machine's monotonic clock, the same in all its processes.
package enum MonotonicClock {
  package static var now: Int64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
  }

  /// Nanoseconds since 1970 UTC.
  package static var wallTime: Int64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
  }

  /// Lets this thread's sleeps end when they should, not when it suits the kernel to wake several at once.
  package static func wakeExactly() { _ = sluice_wake_exactly() }

  /// Sleeps until `time`, or until a signal comes.
  package static func sleep(until time: Int64) {
    var target = timespec(tv_sec: Int(time / 1_000_000_000), tv_nsec: Int(time % 1_000_000_000))
    unsafe clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &target, nil)
  }
}

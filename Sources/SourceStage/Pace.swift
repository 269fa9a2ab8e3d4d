/// When rows are scheduled to arrive in a replay by event time.
struct Pace {
  /// Times event time.
  let speed: Double
  /// Nanoseconds of the monotonic clock at which the first row arrives.
  let start: Int64
  /// Its event time, in microseconds.
  let firstTime: Int64

  /// Nanoseconds of the monotonic clock.
  func arrival(of time: Int64) -> Int64 {
    let nanoseconds = Double(time &- firstTime) * 1000 / speed
    // Some 30 years from now is never.
    return start &+ Int64(min(max(nanoseconds, 0), 1e18))
  }
}

/// Where a source cuts the stream into micro-batches.
package enum CutPlan: Hashable, Sendable {
  /// Every so many records.
  case records(Int)
  /// Every so many nanoseconds, if there was a record.
  case nanoseconds(Int64)
}

/// The cuts of one source, numbered from 1.
struct Cuts {
  private let plan: CutPlan
  private(set) var number: UInt64
  private(set) var recordsAtCut: Int
  private var timeOfCut: Int64?

  /// - Parameters:
  ///   - number: of the cut before.
  ///   - recordsAtCut: how many records there were before it.
  init(_ plan: CutPlan, after number: UInt64 = 0, recordsAtCut: Int = 0) {
    self.plan = plan
    self.number = number
    self.recordsAtCut = recordsAtCut
  }

  /// Whether the stream is to be cut before the next record, `records` having been seen.
  ///
  /// - Parameter now: nanoseconds of the monotonic clock.
  mutating func isDue(records: Int, now: Int64) -> Bool {
    guard records > recordsAtCut else { return false }
    switch plan {
    case .records(let every): guard records - recordsAtCut >= every else { return false }
    case .nanoseconds(let every):
      guard let last = timeOfCut else {
        timeOfCut = now
        return false
      }
      guard now - last >= every else { return false }
      timeOfCut = now
    }
    recordsAtCut = records
    return true
  }

  /// The number of the cut that is due.
  mutating func take() -> UInt64 {
    number += 1
    return number
  }
}

/// How long the stages had to do with the row when it went through them alone.
package struct TimesTrace: Sendable {
  /// Those on its way, in the pipeline's order.
  package let stages: [Stage]
  /// Whether all of them were done with what came before it; if not, it waited for that too.
  package let isSettled: Bool

  /// Times in nanoseconds.
  package struct Stage: Sendable {
    package let stage: String
    /// The stage that it came from; nil where the row began.
    package let from: String?
    /// From when that was done with it to when it had come here; 0 where the row began.
    package let underway: Int64
    /// From when it had come to when it was taken.
    package let waited: Int64
    /// From when it was taken to when it was handed on, or written.
    package let worked: Int64
    /// All of this, and the same of the stages before.
    package let since: Int64
  }

  /// From when it was let go, or left by the window that made it, to when the last stage was done with it.
  package var total: Int64 { stages.map(\.since).max() ?? 0 }
}

package import Dataflow
internal import Histogram

/// How long rows took from their scheduled arrival to the end of the pipeline.
package struct LatencyHistogram {
  /// Three digits of every value, up to an hour.
  private var histogram = Histogram<UInt64>(highestTrackableValue: mostNanoseconds)

  private static let mostNanoseconds: UInt64 = 3_600_000_000_000

  package init() {}

  /// Records that `rows` rows took `nanoseconds`.
  package mutating func record(nanoseconds: Int64, rows: Int) {
    let value = min(UInt64(max(nanoseconds, 1)), Self.mostNanoseconds)
    histogram.record(value, count: UInt64(rows))
  }

  /// The median, the 99th and the 99.9th percentile and the maximum in nanoseconds; none when nothing was recorded.
  package var figures: [Figure] {
    guard histogram.totalCount > 0 else { return [] }
    let percentiles = [("latency_p50", 50.0), ("latency_p99", 99.0), ("latency_p999", 99.9), ("latency_max", 100.0)]
    return percentiles.map { name, percentile in
      Figure(name, Double(histogram.valueAtPercentile(percentile)))
    }
  }
}

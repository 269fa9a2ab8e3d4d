/// One aggregate over a sliding window of the rows of a key.
///
/// A window is the rows of a key between two edges, each of which the key's rows pass in their order: those that have passed the
/// newer edge and not the older one. Where no value comes out, the result is `otherwise`, or null.
package struct WindowAggregate: Hashable, Sendable {
  /// What is computed. Nulls take no part but in `first`, `last` and `speed`.
  package enum Function: Hashable, Sendable {
    /// The number of rows; with an input, of those where it is not null. An `int64`, 0 for an empty window.
    case count
    /// The sum of the values; a `bool` counts as 0 or 1. Of the input's type (an `int64` for a `bool`); null where it does
    /// not fit, whatever `otherwise` is.
    case sum
    /// The sum of the values divided once by their number: a `float64`.
    case mean
    /// The sample standard deviation, a `float64`; no value comes of fewer than two.
    case stddev
    /// The least and the greatest value, of the input's type (an `int64` for a `bool`).
    case min, max
    /// The values in the oldest and the newest row of the window, of the input's type: nothing where that row's is null.
    case first, last
    /// Seconds from the newest row of the window to this one, a `float64`.
    case timeSinceLast
    /// Rows (with an input, of those where it is not null) per second of `width` microseconds: a `float64`.
    case rate(width: Int64)
    /// The number of different values: an `int64`, 0 for an empty window.
    case distinct
    /// The same where it is at most `exact`, and else an estimate: of windows made of cells.
    case distinctUpTo(exact: Int)
    /// The value of the most rows, of the input's type; among several the least (of texts, by their bytes).
    case top
    /// That value's share of the values: a `float64`.
    case topShare
    /// The entropy of the values' distribution, in nats: a `float64`.
    case entropy
    /// A `float64` within 1% of the value of rank ceil(q n) of the n values in order, of rank 1 where q is 0.
    case quantile(Double)
    /// The sum of the values, of the values' weights, and the one over the other, where the weight of a row halves with
    /// each `halfLife` microseconds from its time to that of the newer edge (this row's less the edge's age). A row of 64
    /// half lives weighs nothing. All are `float64`; a count is 0 before any row, and takes an input or none, as `count`.
    case decayedSum(halfLife: Int64)
    case decayedMean(halfLife: Int64)
    case decayedCount(halfLife: Int64)
    /// Kilometres per hour from the newest row of the window to this row, by great circle; the inputs are latitude and
    /// longitude in degrees. Nothing where no time passed, or a coordinate is null in either row. A `float64`.
    case speed
    /// Whether this row ends rows for which the inputs, all `bool`, held one after the other, other rows between them or not,
    /// the first of them less than the older edge's age ago. A row stands for one input. A `bool`, never null.
    case sequence
  }

  /// Where rows enter the window.
  package enum Newer: Hashable, Sendable {
    /// When this row is at least so many microseconds after them; with 0 this row is in the window itself.
    case age(Int64)
    /// With the row after them: all rows before this one, also those of its time.
    case beforeThisRow
  }

  /// Where rows leave the window; none is in it beyond the plan's retention.
  package enum Older: Hashable, Sendable {
    /// When this row is at least so many microseconds after them.
    case age(Int64)
    /// When so many rows have entered after them.
    case rows(Int)
    /// Not before the retention.
    case unbounded
  }

  /// What comes out where there is no value.
  package enum Otherwise: Hashable, Sendable {
    /// For an `int64`, or in the unit of a decimal.
    case integer(Int64)
    /// For a `float64`; finite.
    case float(Double)
  }

  /// The name of the column that it adds.
  package var name: String
  package var function: Function
  /// What is aggregated, among the plan's inputs.
  package var inputs: [Int]
  package var newer: Newer
  package var older: Older
  package var otherwise: Otherwise?
  /// Microseconds of the cells that its windows are made of, where they are not made of rows: time is cut at the whole multiples
  /// of it since 1970, and an edge of some age lies at the cut at or before it.
  package var resolution: Int64?

  package init(
    name: String,
    function: Function,
    inputs: [Int] = [],
    newer: Newer = .age(0),
    older: Older,
    otherwise: Otherwise? = nil,
    resolution: Int64? = nil
  ) {
    self.name = name
    self.function = function
    self.inputs = inputs
    self.newer = newer
    self.older = older
    self.otherwise = otherwise
    self.resolution = resolution
  }
}

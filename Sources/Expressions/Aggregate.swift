package import Records

/// A window feature, compiled: what it computes of which values, and between which edges. `AggregateSyntax` says how a
/// pipeline file writes it.
package struct Aggregate: Equatable, Sendable {
  package let function: AggregateFunction
  /// What it reads; a row for which its `where` does not hold has null there. The conditions of a sequence stand as
  /// often as they are to hold.
  package let inputs: [Expression]
  package let newer: Newer
  package let older: Older
  /// Of `quantile`: 0...1.
  package let fraction: Double
  /// Microseconds between the edges; 0 where the older is no age.
  package let width: Int64
  /// Microseconds; 0 where nothing fades.
  package let halfLife: Int64
  /// Microseconds of the cells that the window is made of; nil: it is made of rows.
  package let resolution: Int64?
  /// Of `distinct` with a resolution: up to how many values it is exact.
  package let exact: Int
  /// What a window without values gives; nil: null.
  package let otherwise: Otherwise?

  /// Where rows enter the window.
  package enum Newer: Hashable, Sendable {
    /// Microseconds, 0 or more.
    case age(Int64)
    case beforeThisRow
  }

  /// Where rows leave it.
  package enum Older: Hashable, Sendable {
    /// Microseconds, above the age at which they enter.
    case age(Int64)
    case rows(Int)
    /// When the stage keeps them no longer.
    case unbounded
  }

  package enum Otherwise: Hashable, Sendable {
    /// In the unit of the value: scaled for a decimal.
    case exact(Int64)
    case float(Double)
  }

  /// How long rows must be kept for this, in microseconds.
  ///
  /// - Parameter usual: how long a window may look back that gives no time.
  package func reach(usual: Int64) -> Int64 {
    if case .age(let age) = older { return age }
    let (reach, isTooLong) = delay.addingReportingOverflow(function.isDecayed ? 1 : usual)
    return isTooLong ? .max : reach
  }

  private var delay: Int64 { if case .age(let age) = newer { age } else { 0 } }

  /// Compiles `text`, whose names are columns of `schema`.
  ///
  /// - Parameters:
  ///   - names: what its expressions may name besides.
  ///   - retention: how long the stage keeps rows, in microseconds; nil: as long as any feature needs them.
  ///   - emitting: the windows of a stage that leaves a row for each: then the feature is over all rows of one.
  ///   - other: a feature of the same stage with a resolution, which is to be that of all.
  package static func compile(
    _ text: String,
    schema: Schema,
    names: ExpressionNames = .none,
    retention: Int64? = nil,
    emitting: EmittingWindow? = nil,
    beside other: OtherResolution? = nil
  ) throws(ExpressionError) -> Aggregate {
    var checker = AggregateChecker(try AggregateSyntax.parse(text), schema, names, retention: retention, emitting)
    checker.other = other
    return try checker.aggregate()
  }

  /// The resolution of another feature.
  package struct OtherResolution: Hashable, Sendable {
    let resolution: Int64
    let feature: String

    package init(_ resolution: Int64, of feature: String) {
      self.resolution = resolution
      self.feature = feature
    }
  }

  /// A window that leaves one row when it closes.
  package struct EmittingWindow: Hashable, Sendable {
    /// Microseconds; nil: as long as rows follow each other.
    package let length: Int64?

    package init(length: Int64?) { self.length = length }
  }

  /// Microseconds of a cell at least.
  package static let finestResolution: Int64 = 1_000_000

  /// The largest numbers that a feature may hold.
  package enum Most {
    /// Of a window.
    package static let rows = 1_000_000
    /// Of a sequence, each counted as often as it is to hold.
    package static let steps = 64
    /// Values that are told apart exactly where a window is made of cells.
    package static let exact = 100_000
    /// Microseconds of a half-life, a thousand years: 64 of them fit in 64 bits.
    package static let halfLife: Int64 = 1000 * 366 * 86_400_000_000
  }
}

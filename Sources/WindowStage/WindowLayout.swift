internal import Expressions
internal import Records

/// Where a plan's state stands in words.
///
/// An edge is an age at which rows enter or leave windows: `delay`, and `delay + width`, of any aggregate. A window is the
/// difference of what has passed its two edges, so windows that share an edge share its work.
///
///     row     its time, a word for each value column, and a bit for each that has a value, where any may be null
///     chunk   `Cursor.rowsPerChunk` rows and a link
///     slot    a record for each edge, and for a string key the unit of its text
///     record  the edge's cursor, the time of the row there, and for each value column the sum of what has passed: two
///             words, and a third that counts the values, where any column may be null
///
/// No row waits at the tail, so the tail's record has the key's hash where others have that time.
struct WindowLayout {
  /// A column whose values rows keep.
  struct Value {
    let column: Int
    let isBool: Bool
  }

  /// What a column that the stage adds is read from.
  struct Result {
    enum Kind {
      case count
      case sum
      case mean
    }

    let kind: Kind
    /// Words of the cursors at the edges where rows enter and leave the window.
    let newer: Int
    let older: Int
    /// Words of the sums there.
    let newerSum: Int
    let olderSum: Int
    /// 10^scale of the values.
    let unit: Int64
    /// The result of a window without values; the bits of a double for a mean.
    let otherwise: Int64
    let hasOtherwise: Bool
  }

  /// The first record is the tail's, which every row passes at once. Its cursor is never 0 but in a slot that is free.
  static var tailWord: Int { 0 }
  static var hashWord: Int { 1 }

  let values: [Value]
  /// Whether any value column may be null.
  let hasFlags: Bool
  /// The edges, by age, in microseconds: the tail's 0 and others above it. Unsigned, as delay + width may exceed `Int64`.
  let ages: [UInt64]
  /// One for each aggregate, in their order.
  let results: [Result]
  let slotWords: Int

  var shape: AnyShape { AnyShape(values: values.count, hasFlags: hasFlags) }
  /// The age at which a row leaves its key.
  var oldestAge: UInt64 { ages[ages.count - 1] }
  /// The cursor of that edge.
  var oldestWord: Int { shape.record(ages.count - 1) }
  var textWord: Int { shape.record(ages.count) }

  init(_ plan: WindowPlan) {
    let fields = plan.inputSchema.fields
    let columns = Set(plan.aggregates.flatMap(\.inputs).compactMap { plan.inputs[$0].column }).sorted()
    values = columns.map { Value(column: $0, isBool: fields[$0].type == .bool) }
    hasFlags = columns.contains { fields[$0].isNullable }
    let ages = Set([0] + plan.aggregates.flatMap { [$0.newerAge, $0.olderAge] }).sorted()
    self.ages = ages
    let shape = AnyShape(values: columns.count, hasFlags: hasFlags)
    slotWords = shape.record(ages.count) + (fields[plan.key].type == .string ? 1 : 0)

    results = plan.aggregates.map { aggregate in
      // Every age and every column is found: they were collected from the same aggregates.
      let newer = shape.record(ages.firstIndex(of: aggregate.newerAge) ?? 0)
      let older = shape.record(ages.firstIndex(of: aggregate.olderAge) ?? 0)
      let column = aggregate.inputs.first.flatMap { plan.inputs[$0].column }
      let sum = shape.sum(columns.firstIndex { $0 == column } ?? 0)
      return Result(aggregate, newer, older, sum, column.map { fields[$0].type })
    }
  }
}

extension WindowLayout.Result {
  fileprivate init(_ aggregate: WindowAggregate, _ newer: Int, _ older: Int, _ sum: Int, _ type: ColumnType?) {
    self.newer = newer
    self.older = older
    newerSum = newer + sum
    olderSum = older + sum
    switch aggregate.function {
    case .count: kind = .count
    case .sum: kind = .sum
    case .mean: kind = .mean
    default: preconditionFailure("the plan refuses it")
    }
    if case .decimal(let scale)? = type { unit = DecimalText.powerOfTen(scale) } else { unit = 1 }
    switch aggregate.otherwise {
    case .integer(let value)?: otherwise = value
    case .float(let value)?: otherwise = Int64(bitPattern: value.bitPattern)
    case nil: otherwise = 0
    }
    hasOtherwise = aggregate.otherwise != nil
  }
}

extension WindowAggregate {
  /// The age at which a row enters the window.
  fileprivate var newerAge: UInt64 { if case .age(let age) = newer { UInt64(age) } else { 0 } }
  /// The age at which it leaves.
  fileprivate var olderAge: UInt64 { if case .age(let age) = older { UInt64(age) } else { 0 } }
}

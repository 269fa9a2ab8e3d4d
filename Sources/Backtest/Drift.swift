internal import Metrics
package import Plan
package import Records

/// The score and the features of a history, day by day.
package struct ColumnDays {
  private let results: RatedResults
  private let columns: [Int]
  private let days: ClosedRange<Int64>
  /// The values of each column, where they are kept; the days they are of.
  private var values: [[Double]]
  private var missing: [Int64]
  private var seen: (first: Int64, last: Int64)?

  /// - Parameter days: those that count.
  package init(_ results: RatedResults, days: ClosedRange<Int64>) {
    self.results = results
    self.days = days
    columns = [results.score] + results.features
    values = columns.map { _ in [] }
    missing = columns.map { _ in 0 }
  }

  package mutating func add(_ batch: RecordBatch) {
    let positions = batch.positions
    for (place, column) in columns.enumerated() {
      let view = batch.column(column)
      for row in 0..<batch.rowCount where days ~= Timestamp.day(of: positions.time(row)) {
        if let value = view.number(row) { values[place].append(value) } else { missing[place] += 1 }
      }
    }
    for row in 0..<batch.rowCount {
      let day = Timestamp.day(of: positions.time(row))
      if days ~= day { seen = (min(seen?.first ?? day, day), max(seen?.last ?? day, day)) }
    }
  }

  /// The reference that they make; nil where no row is of those days.
  package consuming func reference(_ pipeline: String) -> ReferenceFile? {
    guard let seen else { return nil }
    return ReferenceFile(
      pipeline: pipeline,
      firstDay: Words.date(seen.first),
      lastDay: Words.date(seen.last),
      columns: columns.indices.map { place in
        ReferenceFile.Column(
          name: results.schema.fields[columns[place]].name,
          distribution: ReferenceDistribution(values[place], missing: missing[place])
        )
      }
    )
  }
}

/// How far a history has moved from a reference, day by day.
package struct Drift {
  /// The columns of both.
  package let columns: [String]
  /// Those of the pipeline that the reference does not have.
  package let unknown: [String]
  package private(set) var days: [Day] = []

  package struct Day {
    /// Whole days from 1970-01-01.
    package let day: Int64
    package fileprivate(set) var rows: Int64 = 0
    /// Rows of each bin of each column.
    fileprivate var counts: [[Int64]]
    /// The population stability index of each column.
    package fileprivate(set) var indices: [Double] = []
    /// The share of fraud in the value of the last 90 days; nil where no amount is known.
    package fileprivate(set) var fraudValueRate: Double?
    fileprivate var value: (fraud: Int128, all: Int128) = (0, 0)
  }

  /// Days that the rate of fraud is of.
  package static let rateDays: Int64 = 90

  private let results: RatedResults
  private let wanted: ClosedRange<Int64>
  private let places: [Int]
  private let references: [ReferenceDistribution]

  /// - Parameters:
  ///   - reference: sound.
  ///   - names: of the columns to look at; nil: all of both.
  ///   - days: those that are shown; the rate of fraud knows those before.
  package init(
    _ results: RatedResults,
    _ reference: ReferenceFile,
    columns names: [String]?,
    days: ClosedRange<Int64>
  ) {
    self.results = results
    wanted = days
    var (columns, unknown): ([String], [String]) = ([], [])
    var places: [Int] = []
    var references: [ReferenceDistribution] = []
    for column in [results.score] + results.features {
      let name = results.schema.fields[column].name
      guard names?.contains(name) ?? true else { continue }
      if let found = reference.columns.first(where: { $0.name == name }) {
        columns.append(name)
        places.append(column)
        references.append(found.distribution)
      } else {
        unknown.append(name)
      }
    }
    (self.columns, self.unknown) = (columns, unknown)
    (self.places, self.references) = (places, references)
  }

  package mutating func add(_ batch: RecordBatch) {
    let positions = batch.positions
    let (label, amounts) = (batch.column(results.label), results.amount.map(batch.column))
    let views = places.map(batch.column)
    for row in 0..<batch.rowCount {
      let day = Timestamp.day(of: positions.time(row))
      if days.last?.day != day {
        days.append(Day(day: day, counts: references.map { Array(repeating: 0, count: $0.counts.count + 1) }))
      }
      let last = days.count - 1
      if let amounts, !amounts.isNull(row), !label.isNull(row) {
        let amount = Int128(amounts.int64(row))
        days[last].value.all += amount
        let isFraud = label.type == .int64 ? label.int64(row) != 0 : label.bool(row)
        if isFraud { days[last].value.fraud += amount }
      }
      guard wanted ~= day else { continue }
      days[last].rows += 1
      for (place, view) in views.enumerated() {
        days[last].counts[place][references[place].bin(view.number(row))] += 1
      }
    }
  }

  /// The same, with the figures of each day.
  package consuming func finish() -> Drift {
    var rate = RollingValueRate(days: Self.rateDays)
    for index in days.indices {
      let (fraud, all) = days[index].value
      let share = rate.close(days[index].day, fraud: fraud, all: all)
      days[index].fraudValueRate = results.amount == nil ? nil : share
      days[index].indices = zip(references, days[index].counts).map { $0.stabilityIndex($1) ?? 0 }
    }
    days.removeAll { $0.rows == 0 }
    return self
  }

  /// The index of each column over all days.
  package var overall: [Double] {
    references.indices.map { place in
      var sum = Array(repeating: Int64(0), count: references[place].counts.count + 1)
      for day in days { for (bin, count) in day.counts[place].enumerated() { sum[bin] += count } }
      return references[place].stabilityIndex(sum) ?? 0
    }
  }
}

extension ColumnView {
  /// The value of a number or a truth; nil where there is none, or none that is finite.
  fileprivate func number(_ row: Int) -> Double? {
    if isNull(row) { return nil }
    let value: Double =
      switch type {
      case .float64: float64(row)
      case .bool: bool(row) ? 1 : 0
      case .int64, .timestamp: Double(int64(row))
      case .decimal(let scale): Double(int64(row)) / Double(DecimalText.powerOfTen(scale))
      case .string: .nan
      }
    return value.isFinite ? value : nil
  }
}

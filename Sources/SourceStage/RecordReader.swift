internal import Records

/// Reads the records of one format into columns, whose first three are a row's time, tag and arrival.
protocol RecordReader: ~Copyable {
  /// Learns which field holds what, where the input says so; before the first row.
  mutating func begin(_ header: CSVHeader)
  /// Reads the record that begins at `start` as row `row` of `rows`, in which a problem leaves a part of it.
  mutating func read(_ bytes: Span<UInt8>, from start: Int, into rows: inout ColumnScratch, row: Int) -> ReadOutcome
  /// The place of the line end that ends the record at `start`; nil when the bytes end before.
  func endOfRecord(_ bytes: Span<UInt8>, from start: Int) -> Int?
  /// What can be seen of the record at `start` without reading it: the next one's place, and its event time if that is written
  /// the plain way. nil where it is not so plain that anyone could tell where it ends.
  func plainRecord(_ bytes: Span<UInt8>, from start: Int) -> (next: Int, time: Int64?)?

  /// The event time of the record read last.
  var time: Int64 { get }
  /// Line ends within the record read last.
  var lineBreaks: Int { get }
  /// Whether records may say when they were scheduled to arrive.
  var readsArrivals: Bool { get }
  /// When the record read last was, in nanoseconds of the monotonic clock; nil where it does not say.
  var arrival: Int64? { get }
}

enum ReadOutcome {
  /// A row; the next record begins at `next`.
  case row(next: Int)
  /// An empty line, which is no record.
  case blank(next: Int)
  /// The bytes end before the record does.
  case incomplete
  case problem(RowProblem)
}

/// Where the parts of a row stand in the columns that readers fill.
enum RecordLayout {
  /// The columns before those of the schema: a row's time, tag and arrival.
  static var columnsBefore: Int { 3 }
  static var positionFields: [Field] { [Field("time", .int64), Field("tag", .int64), Field("arrival", .int64)] }
}

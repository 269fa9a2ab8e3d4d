/// Rows whose columns stand wherever they were computed, before they are put together into a batch: a stage leaves its rows
/// like this, so that they are copied once, into the frame that they travel in.
///
/// Valid until whoever left them works on the next ones.
public struct LooseRows: Sendable {
  public let schema: Schema
  public let positions: PositionsView
  public let arrivals: ColumnView?
  public let columns: [ColumnView]
  /// Which rows of the columns; not empty.
  public let rows: RowSelection
  /// The batch that holds just these rows, where there is one.
  private let whole: RecordBatch?

  package init(
    _ schema: Schema,
    positions: PositionsView,
    arrivals: ColumnView?,
    columns: [ColumnView],
    rows: RowSelection
  ) {
    self.schema = schema
    self.positions = positions
    self.arrivals = arrivals
    self.columns = columns
    self.rows = rows
    whole = nil
  }

  /// All rows of a batch.
  package init(_ batch: RecordBatch) {
    schema = batch.schema
    positions = batch.positions
    arrivals = batch.arrivals
    columns = batch.columns
    rows = .range(0..<batch.rowCount)
    whole = batch
  }

  package var count: Int { rows.count }

  /// The position of the last row.
  package var lastPosition: Position {
    switch rows {
    case .range(let range): positions[range.upperBound - 1]
    case .rows(let rows): positions[Int(rows[rows.count - 1])]
    }
  }

  /// The rows as a batch.
  package func assembled() -> RecordBatch { whole ?? batch(of: rows) }

  /// Some of the rows, which stand where `selection` says in the columns, as a batch.
  package func batch(of selection: RowSelection) -> RecordBatch {
    RecordBatch(schema, positions: positions, arrivals: arrivals, columns: columns, rows: selection)
  }

  /// The same rows, such that they are all that the columns hold.
  package var dense: LooseRows {
    if case .range(let range) = rows, range == 0..<positions.count { return self }
    return LooseRows(assembled())
  }
}

internal import Records

/// How the rows of a stage find their worker of the next stage.
package enum Partition: Hashable, Sendable {
  /// By the key group of this column: rows of one key always go to the same worker.
  case key(column: Int)
  /// Batch by batch to whoever has had the fewest rows, among those that have room.
  case balanced
}

/// The rows for each of several workers, by their keys.
struct KeyPartitioner {
  private let column: Int
  private let workers: Int
  private let owner: [UInt8]
  private var rows: [[UInt32]]

  init(column: Int, workers: Int) {
    self.column = column
    self.workers = workers
    owner = (0..<KeyGroups.count).map { UInt8(KeyGroups.worker(ofGroup: $0, workers: workers)) }
    rows = Array(repeating: [], count: workers)
  }

  /// The rows of each worker, by its number.
  mutating func split(_ loose: LooseRows) -> [RowSelection] {
    for worker in rows.indices { rows[worker].removeAll(keepingCapacity: true) }
    let keys = loose.columns[column]
    switch loose.rows {
    case .range(let range): for row in range { append(row, keys) }
    case .rows(let selected): for row in selected { append(Int(row), keys) }
    }
    return rows.map { .rows($0) }
  }

  @inline(__always)
  private mutating func append(_ row: Int, _ keys: ColumnView) {
    append(row, keys.type == .string ? StableHash.of(keys.utf8(row)) : StableHash.of(keys.int64(row)))
  }

  @inline(__always)
  private mutating func append(_ row: Int, _ hash: UInt64) {
    rows[Int(owner[KeyGroups.group(ofHash: hash)])].append(UInt32(truncatingIfNeeded: row))
  }
}

internal import Records

/// Lists and tables that operations look values up in: carried beside them, each once.
struct SharedValues {
  let sets: Shared<ValueSet>
  let keys: Shared<TableKeys>
  let columns: Shared<TableColumn>

  /// Different values, by their numbers.
  struct Shared<Value: Hashable> {
    private(set) var values: [Value] = []
    private var indices: [Value: Int] = [:]

    init() {}

    /// - Parameter values: known by their places, so none needs to be there once only.
    init(values: [Value]) { self.values = values }

    mutating func add(_ value: Value) {
      guard indices[value] == nil else { return }
      indices[value] = values.count
      values.append(value)
    }

    /// The number of a value that was added.
    func index(of value: Value) -> Int { indices[value] ?? 0 }

    /// The value whose number comes next.
    func one(from reader: inout ByteReader, _ name: String) throws(MalformedBytes) -> Value {
      let index = Int(try reader.read(UInt32.self))
      guard values.indices.contains(index) else { throw reader.malformed(name) }
      return values[index]
    }
  }

  init(of expressions: [Expression]) {
    var sets = Shared<ValueSet>()
    var keys = Shared<TableKeys>()
    var columns = Shared<TableColumn>()
    for instruction in expressions.lazy.flatMap(\.instructions) {
      switch instruction.operation {
      case .isMember(let set): sets.add(set)
      case .find(let found): keys.add(found)
      case .fetch(let column): columns.add(column)
      default: break
      }
    }
    (self.sets, self.keys, self.columns) = (sets, keys, columns)
  }

  func encode(into writer: inout ByteWriter) {
    writer.write(sets.values) { $0.encode(into: &$1) }
    writer.write(keys.values) { $0.encode(into: &$1) }
    writer.write(columns.values) { $0.encode(into: &$1) }
  }

  init(from reader: inout ByteReader) throws(MalformedBytes) {
    sets = Shared(values: try reader.read { (reader) throws(MalformedBytes) in try ValueSet(from: &reader) })
    keys = Shared(values: try reader.read { (reader) throws(MalformedBytes) in try TableKeys(from: &reader) })
    columns = Shared(values: try reader.read { (reader) throws(MalformedBytes) in try TableColumn(from: &reader) })
  }
}

import Records
import Simulators

/// The hash of rows as CSV text.
func csvHash<Row: SimulatedRow>(_ rows: [Row], from start: Int64 = SimulatedTime.start) -> UInt64 {
  var text = TextBuffer()
  Row.appendHeader(to: &text)
  for (id, row) in rows.enumerated() { row.append(id: id, start: start, to: &text) }
  return StableHash.of(text.bytes)
}

extension Sequence {
  func grouped<Key: Hashable>(by key: (Element) -> Key) -> [Key: [Element]] { Dictionary(grouping: self, by: key) }
}

package import Dataflow
internal import Records

extension WindowLogic {
  /// Marks pages and copies none, so the stage waits for well under a millisecond for a million keys.
  ///
  /// The pages of a snapshot that was let go unwritten, or whose writing failed, are part of the next one. That is enough
  /// where no other was taken before it was let go; else, and wherever blocks were handed over but not kept, ask for a full
  /// one. After state was restored from several workers, the next snapshot is a full one whatever is asked.
  package mutating func snapshot(isFull: Bool) -> (any StateSnapshot)? {
    let (heads, saves) = save(isFull: isFull)
    return WindowSnapshot(heads: heads, saves: saves)
  }

  mutating func save(isFull: Bool) -> (heads: [(block: StateBlock, bytes: [UInt8])], saves: [PageSave]) {
    rows.slots.settle()
    rows.chunks.settle()
    rows.texts.units.settle()
    var has = Array(repeating: isFull, count: KeyGroups.count)
    for page in rows.slots.changed { has[Int(rows.slots.groups[Int(page)])] = true }
    for page in rows.chunks.changed { has[Int(rows.chunks.groups[Int(page)])] = true }
    for page in rows.texts.units.changed { has[Int(rows.texts.units.groups[Int(page)])] = true }
    let fingerprint = rows.layout.fingerprint
    var heads: [(block: StateBlock, bytes: [UInt8])] = []
    for group in 0..<KeyGroups.count where has[group] && rows.slots.free[group].pages.count > 0 {
      let head = StateHead(
        layout: fingerprint,
        slots: rows.slots.free[group].pages,
        chunks: rows.chunks.free[group].pages,
        texts: rows.texts.units.free[group].pages
      )
      heads.append((StateBlock(group: group, kind: BlockKind.head.rawValue, number: 0), head.bytes))
    }
    return (
      heads,
      [
        rows.slots.save(.slots, isFull: isFull), rows.chunks.save(.chunks, isFull: isFull),
        rows.texts.units.save(.texts, isFull: isFull),
      ]
    )
  }
}

internal import Records

extension WindowLogic {
  /// Looks at the next slots in turn and forgets keys whose rows have all left their windows by `now`: such a key stands as
  /// if it had never been seen, so no result changes.
  mutating func sweep(at now: Int64, slots budget: Int) {
    for _ in 0..<min(budget, rows.slots.count) {
      if sweepSlot >= rows.slots.count { sweepSlot = 0 }
      let slot = sweepSlot
      sweepSlot += 1
      guard rows.isOpen(slot),
        UInt64(bitPattern: now &- rows.newestTime(slot)) >= rows.layout.oldestAge
      else { continue }
      table.remove(UInt64(bitPattern: rows.slots.words(of: slot)[WindowLayout.hashWord]), slot: slot)
      if plan.inputSchema.fields[plan.key].type == .string {
        texts.remove(Int(rows.slots.words(of: slot)[rows.layout.textWord]))
      }
      rows.close(slot)
    }
  }
}

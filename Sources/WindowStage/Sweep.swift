internal import Records

extension WindowLogic {
  /// Looks at the next open slots in turn and forgets keys whose rows have all left their windows by `now`: such a key stands as
  /// if it had never been seen, so no result changes.
  mutating func sweep(at now: Int64, slots budget: Int) {
    var budget = budget
    var pages = rows.openSlots.count
    while budget > 0, pages > 0 {
      budget -= 1
      if sweepSlot >> UnitPages.shift >= rows.openSlots.count { sweepSlot = 0 }
      guard let slot = rows.openSlot(from: sweepSlot) else {
        sweepSlot = (sweepSlot >> UnitPages.shift + 1) << UnitPages.shift
        pages -= 1
        continue
      }
      sweepSlot = slot + 1
      if slot & (UnitPages.unitsPerPage - 1) == UnitPages.unitsPerPage - 1 { pages -= 1 }
      guard rows.isForgotten(slot, at: now) else { continue }
      forget(slot)
    }
  }

  /// Gives back the slot of a key and its rows.
  mutating func forget(_ slot: Int) {
    let words = rows.slots.words(of: slot)
    table.remove(UInt64(bitPattern: words[WindowLayout.hashWord]), slot: slot)
    if plan.inputSchema.fields[plan.key].type == .string { rows.texts.remove(Int(words[rows.layout.textWord])) }
    rows.close(slot)
  }
}

extension UnitPages {
  /// Holds every page, or those changed since the last snapshot, as they are now.
  mutating func save(_ kind: BlockKind, isFull: Bool) -> PageSave {
    let save = PageSave(kind, memory, groups: groups)
    if isFull {
      for page in 0..<pageCount where unsafe table[page] != 0 { include(page, in: save) }
    } else {
      for page in changed { include(Int(page), in: save) }
    }
    changed.removeAll(keepingCapacity: true)
    saves.append(save)
    return save
  }

  /// Lists the pages of snapshots that were given up as changed again, and lets go of all that nobody writes any more.
  mutating func settle() {
    let givenUp = saves.filter { $0.outcome == .givenUp }
    saves.removeAll { $0.outcome != .open }
    for save in givenUp {
      for page in 0..<pageCount where unsafe save.includes(page) && table[page] & Self.unchanged != 0 { change(page) }
    }
  }

  /// Lets a page be written to that was not since the last snapshot.
  @inline(never)
  mutating func change(_ page: Int) {
    preserve(page)
    // Letting go of a snapshot that was given up may have listed it.
    guard unsafe table[page] & Self.unchanged != 0 else { return }
    unsafe table[page] &= ~Self.unchanged
    changed.append(UInt32(page))
  }

  /// Sees to it that no snapshot needs the page as it is.
  @inline(never)
  mutating func preserve(_ page: Int) {
    if saves.contains(where: { $0.outcome != .open }) { settle() }
    for save in saves { save.release(page) }
  }

  private mutating func include(_ page: Int, in save: PageSave) {
    unsafe save.include(page, at: table[page] & ~PageMemory.marks)
    unsafe table[page] |= Self.unchanged
  }
}

package import Dataflow
internal import Records

/// The block of a key group that says which others there are of windows made of cells, and of which windows.
struct CellHead: Hashable {
  /// Of the layout that all words depend on.
  let layout: UInt64
  /// Of each kind of pages, in the order of `kinds`.
  let tallies: [PageTally]

  static let kinds: [BlockKind] = [.cellSlots, .cells, .cellTexts, .cellValues, .cellRegisters, .cellRanks]

  init(layout: UInt64, tallies: [PageTally]) {
    self.layout = layout
    self.tallies = tallies
  }

  var bytes: [UInt8] {
    var writer = ByteWriter()
    writer.write(layout)
    for tally in tallies {
      writer.write(tally.count)
      writer.write(tally.sum)
    }
    return writer.bytes
  }

  init(_ bytes: [UInt8]) throws(MalformedBytes) {
    var reader = ByteReader(bytes)
    layout = try reader.read()
    var tallies: [PageTally] = []
    for _ in Self.kinds { tallies.append(PageTally(count: try reader.read(), sum: try reader.read())) }
    self.tallies = tallies
    guard reader.isAtEnd else { throw reader.malformed("the end") }
  }
}

extension CellLayout {
  /// Differs where the words of slots and cells mean something else.
  var fingerprint: UInt64 {
    var writer = ByteWriter()
    writer.write(resolution)
    writer.write(ages) { age, writer in writer.write(age) }
    writer.write(values) { value, writer in
      writer.write(value.isBool)
      writer.write(value.bytes)
    }
    writer.write(parts) { part, writer in
      writer.write(part.kind.rawValue)
      writer.write(UInt32(part.value))
    }
    writer.write(bests) { best, writer in
      writer.write(UInt32(best.value))
      writer.write(best.isLeast)
    }
    writer.write(sets) { set, writer in
      writer.write(UInt32(set.value))
      writer.write(Int64(set.exact))
      writer.write(UInt32(set.windows))
    }
    writer.write(windowEdges) { edge, writer in writer.write(UInt32(edge)) }
    writer.write(UInt32(slotWords))
    let bytes = writer.bytes
    return StableHash.of(bytes.span)
  }
}

extension CellLogic {
  /// As that of `WindowLogic`.
  package mutating func snapshot(isFull: Bool) -> (any StateSnapshot)? {
    let ofRows = rows?.save(isFull: isFull)
    cells.slots.settle()
    cells.cells.settle()
    cells.texts.units.settle()
    cells.values.units.settle()
    cells.values.sketches.registers.settle()
    cells.values.sketches.ranks.settle()
    var has = Array(repeating: isFull, count: KeyGroups.count)
    cells.slots.markChanged(&has)
    cells.cells.markChanged(&has)
    cells.texts.units.markChanged(&has)
    cells.values.units.markChanged(&has)
    cells.values.sketches.registers.markChanged(&has)
    cells.values.sketches.ranks.markChanged(&has)
    let fingerprint = cells.layout.fingerprint
    var heads = ofRows?.heads ?? []
    for group in 0..<KeyGroups.count where has[group] && cells.slots.free[group].pages.count > 0 {
      let head = CellHead(layout: fingerprint, tallies: tallies(of: group))
      heads.append((StateBlock(group: group, kind: BlockKind.cellHead.rawValue, number: 0), head.bytes))
    }
    let saves = [
      cells.slots.save(.cellSlots, isFull: isFull), cells.cells.save(.cells, isFull: isFull),
      cells.texts.units.save(.cellTexts, isFull: isFull), cells.values.units.save(.cellValues, isFull: isFull),
      cells.values.sketches.registers.save(.cellRegisters, isFull: isFull),
      cells.values.sketches.ranks.save(.cellRanks, isFull: isFull),
    ]
    return WindowSnapshot(heads: heads, saves: (ofRows?.saves ?? []) + saves)
  }

  private func tallies(of group: Int) -> [PageTally] {
    [
      cells.slots.free[group].pages, cells.cells.free[group].pages, cells.texts.units.free[group].pages,
      cells.values.units.free[group].pages, cells.values.sketches.registers.free[group].pages,
      cells.values.sketches.ranks.free[group].pages,
    ]
  }
}

extension UnitPages {
  /// Sets what stands for the groups of pages that were written to.
  fileprivate func markChanged(_ groups: inout [Bool]) {
    for page in changed { groups[Int(self.groups[Int(page)])] = true }
  }
}

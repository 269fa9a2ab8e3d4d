internal import Dataflow
internal import Records

/// What the blocks of a saved state hold.
enum BlockKind: UInt8, CaseIterable {
  /// Which blocks the group has.
  case head = 0
  /// A page each of keys' slots, of chunks of rows, and of keys' texts.
  case slots = 1
  case chunks = 2
  case texts = 3
  /// The same of windows made of cells: their head, and a page each of keys' slots, of cells, of keys' texts, of values, and of
  /// registers and ranks of sketches.
  case cellHead = 16
  case cellSlots = 17
  case cells = 18
  case cellTexts = 19
  case cellValues = 20
  case cellRegisters = 21
  case cellRanks = 22
}

/// The block of a key group that says which others there are, and of which windows.
struct StateHead: Hashable {
  /// Of the layout that all words depend on.
  var layout: UInt64
  var slots: PageTally
  var chunks: PageTally
  var texts: PageTally

  init(layout: UInt64, slots: PageTally, chunks: PageTally, texts: PageTally) {
    self.layout = layout
    self.slots = slots
    self.chunks = chunks
    self.texts = texts
  }

  var bytes: [UInt8] {
    var writer = ByteWriter()
    writer.write(layout)
    for tally in [slots, chunks, texts] {
      writer.write(tally.count)
      writer.write(tally.sum)
    }
    return writer.bytes
  }

  init(_ bytes: [UInt8]) throws(MalformedBytes) {
    var reader = ByteReader(bytes)
    layout = try reader.read()
    slots = try PageTally(&reader)
    chunks = try PageTally(&reader)
    texts = try PageTally(&reader)
    guard reader.isAtEnd else { throw reader.malformed("the end") }
  }
}

extension PageTally {
  fileprivate init(_ reader: inout ByteReader) throws(MalformedBytes) {
    self.init(count: try reader.read(), sum: try reader.read())
  }
}

extension WindowLayout {
  /// Differs where the words of slots and rows mean something else.
  var fingerprint: UInt64 {
    var writer = ByteWriter()
    writer.write(edges) { edge, writer in edge.kind.encode(into: &writer) }
    writer.write(values) { value, writer in
      writer.write(value.isBool)
      writer.write(value.bytes)
    }
    writer.write(shape.hasFlags)
    writer.write(UInt32(shape.summed))
    writer.write(UInt32(shape.derived))
    writer.write(edges) { edge, writer in
      writer.write(Array(actions[edge.actions])) { action, writer in action.encode(into: &writer) }
    }
    writer.write(sequences) { sequence, writer in
      writer.write(UInt32(sequence.word))
      writer.write(Array(steps[sequence.steps])) { step, writer in writer.write(UInt32(step)) }
    }
    writer.write(sets) { set, writer in
      writer.write(UInt32(set.value))
      writer.write(set.isBucketed)
    }
    writer.write(UInt32(slotWords))
    writer.write(endWord < slotWords)
    let bytes = writer.bytes
    return StableHash.of(bytes.span)
  }
}

extension WindowEdge.Kind {
  fileprivate func encode(into writer: inout ByteWriter) {
    switch self {
    case .age(let age):
      writer.write(UInt8(0))
      writer.write(age)
    case .lag: writer.write(UInt8(1))
    case .rows(let rows, let behind):
      writer.write(UInt8(2))
      writer.write(rows)
      writer.write(UInt32(behind))
    }
  }
}

extension EdgeAction {
  fileprivate func encode(into writer: inout ByteWriter) {
    writer.write(kind.rawValue)
    writer.write(Int64(value))
    writer.write(UInt32(word))
    writer.write(UInt32(link))
    writer.write(isFloat)
    writer.write(UInt32(count))
    writer.write(halfLife)
    writer.write(unit)
  }
}

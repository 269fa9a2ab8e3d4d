internal import Dataflow
package import Records

/// A manifest in bytes. Little-endian, without padding:
///
///     offset  bytes  field
///          0      4  magic "SLCP"
///          4      2  layout version
///          6      2  reserved, 0
///          8      4  length of all, with the checksum
///         12         the fields as `ByteWriter` lays them out, in the order of `encoded`
///     length-4    4  CRC-32C of everything before
extension Manifest {
  private static let magic: UInt32 = 0x5043_4C53  // "SLCP", little-endian
  private static let version: UInt16 = 3
  private static let headerSize = 12

  package var encoded: [UInt8] {
    var writer = ByteWriter()
    writer.write(number)
    writer.write(epoch)
    writer.write(pipeline)
    writer.write(committedAt)
    writer.write(stages) { $0.encode(into: &$1) }
    writer.write(sources) { source, writer in
      writer.write(source.name)
      writer.write(source.state)
      writer.write(source.place)
    }
    writer.write(deadLetters) { $0.encode(into: &$1) }
    writer.write(isComplete)
    var bytes: [UInt8] = []
    bytes.put(Self.magic)
    bytes.put(Self.version)
    bytes.put(UInt16(0))
    bytes.put(UInt32(clamping: Self.headerSize + writer.bytes.count + 4))
    bytes += writer.bytes
    bytes.put(Checksum(of: bytes.span).value)
    return bytes
  }

  package init(decoding bytes: [UInt8]) throws(MalformedBytes) {
    let all = bytes.span
    func malformed(_ expected: String, _ offset: Int) -> MalformedBytes {
      MalformedBytes(expected: expected, offset: offset)
    }
    guard all.count >= Self.headerSize + 4 else { throw malformed("a manifest's header", all.count) }
    guard all.integer(at: 0) == Self.magic else { throw malformed("a manifest's magic", 0) }
    guard all.integer(at: 4) == Self.version, all.integer(UInt16.self, at: 6) == 0 else {
      throw malformed("manifest version \(Self.version)", 4)
    }
    guard Int(all.integer(UInt32.self, at: 8)) == all.count else { throw malformed("its length", 8) }
    let end = all.count - 4
    guard all.integer(at: end) == Checksum(of: all.extracting(0..<end)).value else {
      throw malformed("its checksum", end)
    }
    var reader = ByteReader(Array(bytes[Self.headerSize..<end]))
    number = try reader.read()
    epoch = try reader.read()
    pipeline = try reader.read()
    committedAt = try reader.read()
    stages = try reader.read { (reader) throws(MalformedBytes) in try Stage(from: &reader) }
    sources = try reader.read { (reader) throws(MalformedBytes) in
      Source(name: try reader.read(), state: try reader.read(), place: try reader.read())
    }
    deadLetters = try reader.readOptional { (reader) throws(MalformedBytes) in try OutputPlace(from: &reader) }
    isComplete = try reader.read()
    guard reader.isAtEnd else { throw reader.malformed("the end of the manifest") }
  }
}

extension Manifest.Stage {
  fileprivate func encode(into writer: inout ByteWriter) {
    writer.write(name)
    writer.write(facts) { fact, writer in
      writer.write(fact.name)
      writer.write(fact.value)
    }
    counters.encode(into: &writer)
    writer.write(workers) { worker, writer in
      writer.write(worker.chain) { $0.encode(into: &$1) }
      writer.write(UInt64(clamping: worker.bytes))
    }
    writer.write(output) { $0.encode(into: &$1) }
  }

  fileprivate init(from reader: inout ByteReader) throws(MalformedBytes) {
    name = try reader.read()
    facts = try reader.read { (reader) throws(MalformedBytes) in StateFact(try reader.read(), try reader.read()) }
    counters = try RowCounters(from: &reader)
    workers = try reader.read { (reader) throws(MalformedBytes) in
      let chain = try reader.read { (reader) throws(MalformedBytes) in try SavedFile(from: &reader) }
      return Manifest.Worker(chain: chain, bytes: try reader.readLength())
    }
    output = try reader.readOptional { (reader) throws(MalformedBytes) in try OutputPlace(from: &reader) }
  }
}

extension OutputPlace {
  package func encode(into writer: inout ByteWriter) {
    writer.write(UInt64(clamping: length))
    writer.write(staged) { $0.encode(into: &$1) }
  }

  package init(from reader: inout ByteReader) throws(MalformedBytes) {
    length = try reader.readLength()
    staged = try reader.read { (reader) throws(MalformedBytes) in try StagedRange(from: &reader) }
  }
}

extension StagedRange {
  package func encode(into writer: inout ByteWriter) {
    writer.write(file)
    writer.write(UInt64(clamping: from))
    writer.write(UInt64(clamping: to))
    writer.write(checksum)
  }

  package init(from reader: inout ByteReader) throws(MalformedBytes) {
    file = try reader.readFlatName()
    from = try reader.readLength()
    to = try reader.readLength()
    guard from <= to else { throw reader.malformed("an end that is not before its start") }
    checksum = try reader.read()
  }
}

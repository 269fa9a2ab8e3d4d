import Testing
import Transport

@Suite struct MessageTests {
  /// Around the sizes at which libzmq changes how it keeps the payload.
  static let sizes = [0, 1, 29, 33, 34, 255, 256, 8191, 8192, 8193, 1_000_003]

  @Test(arguments: sizes) func copiesHoldTheBytes(size: Int) throws {
    let bytes = CountedBuffer.expected(count: size)
    let message = try Message(copying: bytes)
    #expect(message.count == size)
    #expect(message.copyBytes() == bytes)
    let span = message.bytes
    #expect(span.byteCount == size)
    #expect((0..<size).allSatisfy { unsafe span.unsafeLoad(fromByteOffset: $0, as: UInt8.self) == bytes[$0] })
  }

  @Test func unfilledBytesAreZero() throws {
    let message = try Message(count: 100) { span in
      span.storeBytes(of: 0xAB, toByteOffset: 3, as: UInt8.self)
    }
    #expect(message.copyBytes() == [UInt8](repeating: 0, count: 3) + [0xAB] + [UInt8](repeating: 0, count: 96))
    #expect(try Message().count == 0)
  }

  @Test func impossibleSizesAreErrors() {
    #expect(throws: TransportError.self) { _ = try Message(count: -1) { _ in } }
    #expect(throws: TransportError.self) { _ = try Message(count: .max) { _ in } }
    #expect(throws: TransportError.self) { _ = try Message(count: .max / 4) { _ in } }
  }

  @Test(arguments: sizes) func adoptedMemoryThatIsNeverSentIsReleasedOnce(size: Int) throws {
    let buffer = CountedBuffer(count: size)
    do {
      let message = try buffer.adopt()
      #expect(message.copyBytes() == CountedBuffer.expected(count: size))
      #expect(buffer.releaseCount == 0)
    }
    #expect(buffer.releaseCount == 1)
  }

  @Test func adoptedMemoryIsReleasedOnceWhenTheMessageCannotBeMade() {
    let buffer = CountedBuffer(count: 8)
    let wrong = -1
    #expect(throws: TransportError.self) { _ = try buffer.adopt(count: wrong) }
    #expect(buffer.releaseCount == 1)
  }

  @Test(arguments: sizes) func memoryGivenAwayLivesUntilItsRelease(size: Int) throws {
    let buffer = CountedBuffer(count: size)
    let heap = unsafe try buffer.adopt().intoHeap()
    #expect(
      unsafe Array(UnsafeRawBufferPointer(start: heap.base, count: heap.count)) == CountedBuffer.expected(count: size)
    )
    #expect(buffer.releaseCount == 0)
    unsafe heap.release(heap.base, heap.context)
    #expect(buffer.releaseCount == 1)
  }

  /// Small payloads lie inside libzmq's own structure: the address must survive moves of the value.
  @Test(arguments: [5, 40]) func bytesStayWhereTheyAreWhenAMessageMoves(size: Int) throws {
    let first = try Message(copying: CountedBuffer.expected(count: size))
    let before = unsafe first.withUnsafeBytes { UInt(bitPattern: $0.baseAddress) }
    let second = Moved(message: first)
    let after = unsafe second.message.withUnsafeBytes { UInt(bitPattern: $0.baseAddress) }
    #expect(before == after)
    #expect(second.message.copyBytes() == CountedBuffer.expected(count: size))
  }

  struct Moved: ~Copyable { let message: Message }
}

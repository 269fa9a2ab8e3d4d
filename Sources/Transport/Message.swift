internal import CZeroMQ
internal import Glibc

/// One message part: bytes that this value owns, received or to be sent.
///
/// The bytes are **not aligned**: read numbers with unaligned loads. They are shared with no other value, except that an
/// adopted buffer sent over `inproc` arrives as that very memory; so the bytes of a message are never written once it
/// exists.
///
/// A received message smaller than 8 KiB may share libzmq's receive buffer with its neighbours, which stays allocated as
/// long as any of them lives.
///
/// Unsafe inside: `box` addresses an initialised `zmq_msg_t` in memory of its own from `init` to `deinit` or
/// `intoHeap()`. It is never inside this struct, because libzmq keeps up to 33 bytes of payload in the `zmq_msg_t`
/// itself: the address of the bytes must not change when this value moves.
@safe
package struct Message: ~Copyable {
  /// Frees adopted memory; the second argument is the context given beside it. libzmq may call it on any thread.
  package typealias Release = @convention(c) (UnsafeMutableRawPointer?, UnsafeMutableRawPointer?) -> Void

  let box: UnsafeMutablePointer<zmq_msg_t>

  init(box: UnsafeMutablePointer<zmq_msg_t>) { unsafe self.box = box }

  /// An empty message.
  package init() throws(TransportError) { unsafe box = try Self.emptyBox() }

  /// A message of `count` bytes that `fill` writes; what it leaves out is zero.
  package init(count: Int, fill: (inout MutableRawSpan) -> Void) throws(TransportError) {
    guard count >= 0 else { throw TransportError(.createMessage, code: EINVAL) }
    let box = try unsafe Self.allocateBox()
    guard unsafe zmq_msg_init_size(box, count) == 0, let base = unsafe zmq_msg_data(box) else {
      let error = TransportError.last(.createMessage)
      unsafe free(box)
      throw error
    }
    unsafe memset(base, 0, count)
    var span = unsafe MutableRawSpan(_unsafeStart: base, byteCount: count)
    fill(&span)
    unsafe self.box = box
  }

  /// A copy of `bytes`.
  package init(copying bytes: RawSpan) throws(TransportError) {
    try self.init(count: bytes.byteCount) { target in
      unsafe bytes.withUnsafeBytes { source in
        unsafe target.withUnsafeMutableBytes { unsafe $0.copyMemory(from: source) }
      }
    }
  }

  /// A copy of `bytes`.
  package init(copying bytes: [UInt8]) throws(TransportError) {
    try unsafe self.init(copying: bytes.span.bytes)
  }

  /// Takes over memory without copying it.
  ///
  /// `base` must address `count` bytes that no one writes until `release` is called. That happens exactly once, on any
  /// thread: when libzmq has handed the bytes to the kernel, when the receiver over `inproc` has closed the message, when
  /// the message is discarded unsent, and also when this initialiser throws.
  @unsafe
  package init(
    adopting base: UnsafeMutableRawPointer,
    count: Int,
    context: UnsafeMutableRawPointer?,
    release: @escaping Release
  ) throws(TransportError) {
    guard count >= 0, let box = try? unsafe Self.allocateBox() else {
      unsafe release(base, context)
      throw TransportError(.createMessage, code: count < 0 ? EINVAL : ENOMEM)
    }
    guard unsafe zmq_msg_init_data(box, base, count, release, context) == 0 else {
      let error = TransportError.last(.createMessage)
      unsafe free(box)
      unsafe release(base, context)
      throw error
    }
    unsafe self.box = box
  }

  deinit {
    unsafe zmq_msg_close(box)
    unsafe free(box)
  }

  /// The number of bytes.
  package var count: Int { unsafe zmq_msg_size(box) }

  /// The bytes, for as long as the message is not sent or moved away. Not aligned.
  package var bytes: RawSpan {
    @_lifetime(borrow self)
    get {
      let span = unsafe RawSpan(_unsafeStart: UnsafeRawPointer(base), byteCount: count)
      return unsafe _overrideLifetime(span, borrowing: self)
    }
  }

  /// Calls `body` with the bytes, whose address is valid only during the call.
  @unsafe
  package func withUnsafeBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
    try unsafe body(UnsafeRawBufferPointer(start: base, count: count))
  }

  /// The bytes, copied.
  package func copyBytes() -> [UInt8] { unsafe withUnsafeBytes { unsafe Array($0) } }

  /// Gives the memory to an owner outside this module, without copying the payload.
  ///
  /// The owner reads `count` bytes at `base` (not aligned, not to be written) and at last calls `release(base, context)`
  /// once, on any thread.
  @unsafe
  package consuming func intoHeap() -> (
    base: UnsafeMutableRawPointer, count: Int, context: UnsafeMutableRawPointer, release: Release
  ) {
    let release: Release = { _, context in
      guard let box = unsafe context?.assumingMemoryBound(to: zmq_msg_t.self) else { return }
      unsafe zmq_msg_close(box)
      unsafe free(box)
    }
    let result = unsafe (base: base, count: count, context: UnsafeMutableRawPointer(box), release: release)
    discard self
    return unsafe result
  }

  /// Where the bytes are. libzmq answers nil only for an argument that is not a message.
  private var base: UnsafeMutableRawPointer { unsafe zmq_msg_data(box) ?? UnsafeMutableRawPointer(box) }

  /// Whether another part of the same message follows it.
  var hasMore: Bool { unsafe zmq_msg_more(box) != 0 }

  private static func allocateBox() throws(TransportError) -> UnsafeMutablePointer<zmq_msg_t> {
    guard let memory = unsafe malloc(MemoryLayout<zmq_msg_t>.size) else {
      throw TransportError(.createMessage, code: ENOMEM)
    }
    return unsafe memory.bindMemory(to: zmq_msg_t.self, capacity: 1)
  }

  /// A box with an initialised message of no bytes.
  static func emptyBox() throws(TransportError) -> UnsafeMutablePointer<zmq_msg_t> {
    let box = try unsafe allocateBox()
    _ = unsafe zmq_msg_init(box)
    return unsafe box
  }
}

/// A message has one owner, and libzmq lets any thread close it.
extension Message: @unchecked Sendable {}

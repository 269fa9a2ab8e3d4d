internal import Records
internal import Transport

extension Message {
  /// A message that sends the frame's own memory and keeps it alive until libzmq has done with it.
  init(_ frame: Frame) throws(TransportError) {
    let owner = unsafe Unmanaged.passRetained(frame.storage).toOpaque()
    try unsafe self.init(
      adopting: frame.storage.baseAddress,
      count: frame.storage.count,
      context: owner,
      release: { _, owner in
        if let owner = unsafe owner { unsafe Unmanaged<FrameStorage>.fromOpaque(owner).release() }
      }
    )
  }
}

extension FrameStorage {
  /// The received bytes, in place; the message lives as long as any batch that reads them.
  convenience init(_ message: consuming Message) {
    let heap = unsafe message.intoHeap()
    unsafe self.init(adopting: heap.base, count: heap.count, context: heap.context, release: heap.release)
  }
}

extension FrameStorage {
  /// The watermark that a frame's header says, unchecked; nil where there is no room for one.
  package var peekedWatermark: Position? {
    guard count >= FrameHeader.size else { return nil }
    return Position(time: load(Int64.self, at: 24), tag: load(UInt64.self, at: 32))
  }
}

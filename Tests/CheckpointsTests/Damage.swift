/// Every way in which a small file is changed.
enum Damage {
  /// Every bit flipped in turn, cut at every length, bytes added.
  static func all(of bytes: [UInt8]) -> [(String, [UInt8])] {
    var all: [(String, [UInt8])] = []
    for place in bytes.indices {
      for bit in 0..<8 {
        var flipped = bytes
        flipped[place] ^= 1 << UInt8(bit)
        all.append(("bit \(bit) of byte \(place) flipped", flipped))
      }
    }
    for length in bytes.indices { all.append(("cut to \(length)", Array(bytes[..<length]))) }
    for added: [UInt8] in [[0], [255], Array(repeating: 0, count: 100), bytes] {
      all.append(("\(added.count) bytes added", bytes + added))
    }
    return all
  }
}

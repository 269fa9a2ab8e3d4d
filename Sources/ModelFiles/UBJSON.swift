/// Universal Binary JSON as XGBoost writes it, turned into JSON text: objects, lists with or without a type and a count,
/// numbers in big-endian order, strings, truth values and null.
///
/// Any bytes give text or an error. Depth is bounded; so is memory, since no element takes less than a byte and none
/// becomes more than 32 bytes of text.
struct UBJSON {
  private static let deepest = 64

  private let bytes: [UInt8]
  private var offset = 0
  private var text: [UInt8] = []

  /// The same document as JSON.
  static func json(_ bytes: [UInt8]) throws(ModelFileError) -> [UInt8] {
    var reader = UBJSON(bytes: bytes)
    let marker = try reader.byte()
    try reader.value(marker, depth: 0)
    guard reader.offset == bytes.count else { throw reader.damaged("bytes after its end") }
    return reader.text
  }

  private init(bytes: [UInt8]) {
    self.bytes = bytes
    text.reserveCapacity(bytes.count * 2)
  }

  private func damaged(_ what: String) -> ModelFileError {
    .damaged("the UBJ document has \(what) at byte \(offset)", save: "model.ubj")
  }

  private mutating func byte() throws(ModelFileError) -> UInt8 {
    guard offset < bytes.count else {
      throw .damaged("the UBJ document ends before it is complete: the file is truncated", save: "model.ubj")
    }
    offset += 1
    return bytes[offset - 1]
  }

  private mutating func integer<T: FixedWidthInteger>(_: T.Type) throws(ModelFileError) -> T {
    var value: T = 0
    for _ in 0..<T.bitWidth / 8 { value = T(truncatingIfNeeded: Int64(value) << 8 | Int64(try byte())) }
    return value
  }

  /// A number of the type that a marker names; nil: it names none.
  private mutating func whole(_ marker: UInt8) throws(ModelFileError) -> Int64? {
    switch marker {
    case UInt8(ascii: "i"): Int64(try integer(Int8.self))
    case UInt8(ascii: "U"): Int64(try byte())
    case UInt8(ascii: "I"): Int64(try integer(Int16.self))
    case UInt8(ascii: "l"): Int64(try integer(Int32.self))
    case UInt8(ascii: "L"): try integer(Int64.self)
    default: nil
    }
  }

  /// A count of what takes at least `size` bytes each.
  private mutating func count(size: Int = 1) throws(ModelFileError) -> Int {
    let marker = try byte()
    guard let count = try whole(marker) else { throw damaged("no count") }
    guard count >= 0, count <= (bytes.count - offset) / size else {
      throw damaged("a count of \(count), more than the file holds,")
    }
    return Int(count)
  }

  private static func size(_ marker: UInt8) -> Int? {
    switch marker {
    case UInt8(ascii: "i"), UInt8(ascii: "U"): 1
    case UInt8(ascii: "I"): 2
    case UInt8(ascii: "l"), UInt8(ascii: "d"): 4
    case UInt8(ascii: "L"), UInt8(ascii: "D"): 8
    default: nil
    }
  }

  private mutating func value(_ marker: UInt8, depth: Int) throws(ModelFileError) {
    guard depth < Self.deepest else { throw damaged("lists and objects within \(Self.deepest) others") }
    switch marker {
    case UInt8(ascii: "{"): try object(depth)
    case UInt8(ascii: "["): try list(depth)
    case UInt8(ascii: "S"): try string()
    case UInt8(ascii: "d"): write(Float(bitPattern: try integer(UInt32.self)))
    case UInt8(ascii: "D"): write(Double(bitPattern: try integer(UInt64.self)))
    case UInt8(ascii: "T"): text += Array("true".utf8)
    case UInt8(ascii: "F"): text += Array("false".utf8)
    case UInt8(ascii: "Z"): text += Array("null".utf8)
    default:
      guard let value = try whole(marker) else { throw damaged("an unknown mark, \(marker),") }
      text += Array("\(value)".utf8)
    }
  }

  /// JSON has neither NaN nor infinity: null, and a number that no type holds, which is refused by whoever reads it.
  private mutating func write<T: BinaryFloatingPoint & CustomStringConvertible>(_ value: T) {
    text += Array((value.isFinite ? "\(value)" : value.isNaN ? "null" : "1e999").utf8)
  }

  private mutating func object(_ depth: Int) throws(ModelFileError) {
    text.append(UInt8(ascii: "{"))
    var isFirst = true
    while true {
      guard offset < bytes.count, bytes[offset] != UInt8(ascii: "}") else { break }
      if !isFirst { text.append(UInt8(ascii: ",")) }
      isFirst = false
      try string()
      text.append(UInt8(ascii: ":"))
      let marker = try byte()
      try value(marker, depth: depth + 1)
    }
    _ = try byte()
    text.append(UInt8(ascii: "}"))
  }

  private mutating func list(_ depth: Int) throws(ModelFileError) {
    text.append(UInt8(ascii: "["))
    defer { text.append(UInt8(ascii: "]")) }
    var type: UInt8?
    if offset < bytes.count, bytes[offset] == UInt8(ascii: "$") {
      offset += 1
      type = try byte()
    }
    if offset < bytes.count, bytes[offset] == UInt8(ascii: "#") {
      offset += 1
      guard let size = type.map(Self.size) ?? 1 else { throw damaged("a list of an unknown type") }
      for index in 0..<(try count(size: size)) {
        if index > 0 { text.append(UInt8(ascii: ",")) }
        let marker = if let type { type } else { try byte() }
        try value(marker, depth: depth + 1)
      }
      return
    }
    var isFirst = true
    while true {
      let marker = try byte()
      guard type == nil else { throw damaged("a list with a type and no count") }
      if marker == UInt8(ascii: "]") { return }
      if !isFirst { text.append(UInt8(ascii: ",")) }
      isFirst = false
      try value(marker, depth: depth + 1)
    }
  }

  /// A count and so many bytes.
  private mutating func string() throws(ModelFileError) {
    let count = try count()
    text.append(UInt8(ascii: "\""))
    for byte in String(decoding: bytes[offset..<offset + count], as: UTF8.self).utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): text += [UInt8(ascii: "\\"), byte]
      case 0..<0x20:
        let digits = Array("0123456789abcdef".utf8)
        text += Array("\\u00".utf8) + [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      default: text.append(byte)
      }
    }
    text.append(UInt8(ascii: "\""))
    offset += count
  }
}

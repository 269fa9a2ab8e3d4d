internal import Records

extension TimeZoneRules {
  /// The years for which the rule at the end of a file is written out as changes; the last offset holds after them.
  private static let lastYear: Int64 = 2200

  /// - Parameter file: in the format TZif (RFC 9636), as in a system's database of time zones; nil when it is anything
  ///   else.
  package init?(file: [UInt8]) {
    guard let first = Header(file, at: 0) else { return nil }
    var (header, start, wide) = (first, Header.size, false)
    if first.version >= UInt8(ascii: "2") {
      // The first part is for readers of old: the second has the same in 64 bits.
      let second = Header.size + first.length(wide: false)
      guard let found = Header(file, at: second) else { return nil }
      (header, start, wide) = (found, second + Header.size, true)
    }
    let end = start + header.length(wide: wide)
    guard end <= file.count, header.types > 0 else { return nil }
    let width = wide ? 8 : 4
    let kinds = start + header.times * width
    let types = kinds + header.times
    var typeOffsets: [Int64] = []
    for type in 0..<header.types {
      let seconds = Int64(Int32(truncatingIfNeeded: Self.number(file, at: types + type * 6, width: 4)))
      guard abs(seconds) < 26 * 3600 else { return nil }
      typeOffsets.append(seconds * 1_000_000)
    }
    var starts: [Int64] = []
    var offsets = [typeOffsets[0]]
    for index in 0..<header.times {
      let seconds = Self.number(file, at: start + index * width, width: width)
      let (time, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
      guard Int(file[kinds + index]) < typeOffsets.count else { return nil }
      let offset = typeOffsets[Int(file[kinds + index])]
      // Before what a timestamp can be: it holds from the beginning.
      if overflow, seconds < 0, starts.isEmpty {
        offsets = [offset]
        continue
      }
      guard !overflow, starts.last.map({ $0 < time }) ?? true else { return nil }
      starts.append(time)
      offsets.append(offset)
    }
    if wide {
      guard let rule = file[end...].dropFirst().split(separator: 10, omittingEmptySubsequences: false).first,
        file.count > end
      else { return nil }
      if !rule.isEmpty {
        guard let changes = TimeZoneRule(rule) else { return nil }
        changes.write(until: Self.lastYear, into: &starts, &offsets)
      }
    }
    self.init(starts: starts, offsets: offsets)
  }

  /// A signed number in the order of the network.
  private static func number(_ file: [UInt8], at start: Int, width: Int) -> Int64 {
    var value: Int64 = 0
    for byte in file[start..<start + width] { value = value << 8 | Int64(byte) }
    return width == 4 ? Int64(Int32(truncatingIfNeeded: value)) : value
  }

  /// How much of what follows in the file.
  private struct Header {
    static let size = 44
    let version: UInt8
    let isUT: Int
    let isStandard: Int
    let leaps: Int
    let times: Int
    let types: Int
    let characters: Int

    init?(_ file: [UInt8], at start: Int) {
      guard file.count >= start + Self.size, file[start...].starts(with: Array("TZif".utf8)) else { return nil }
      version = file[start + 4]
      func count(_ index: Int) -> Int {
        Int(TimeZoneRules.number(file, at: start + 20 + index * 4, width: 4))
      }
      (isUT, isStandard, leaps) = (count(0), count(1), count(2))
      (times, types, characters) = (count(3), count(4), count(5))
      guard [isUT, isStandard, leaps, times, types, characters].allSatisfy({ 0...100_000 ~= $0 }) else { return nil }
    }

    func length(wide: Bool) -> Int {
      let width = wide ? 8 : 4
      return times * (width + 1) + types * 6 + characters + leaps * (width + 4) + isStandard + isUT
    }
  }
}

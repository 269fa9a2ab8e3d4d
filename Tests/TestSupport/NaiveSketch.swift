internal import Records

/// HyperLogLog over values that are all there at once, as the papers have it.
package enum NaiveSketch {
  static func hash(_ value: Value) -> UInt64 {
    switch value {
    case .null: 0
    case .bool(let value): StableHash.of(value ? 1 : 0)
    case .int(let value): StableHash.of(value)
    case .float(let value): StableHash.of(value == 0 ? 0 : Int64(bitPattern: value.bitPattern))
    case .text(let text): StableHash.of(Array(text.utf8).span)
    }
  }

  package static func estimate(_ values: some Sequence<Value>) -> Int64 {
    var registers = [Int](repeating: 0, count: 4096)
    for value in values {
      let hash = hash(value)
      let rest = hash << 12
      let rank = rest == 0 ? 53 : rest.leadingZeroBitCount + 1
      registers[Int(hash >> 52)] = max(registers[Int(hash >> 52)], rank)
    }
    return Int64(estimate(ofRegisters: registers).rounded())
  }

  /// alpha m^2 / (m sigma(C0 / m) + the sum of Ck 2^-k + m tau(1 - Cq+1 / m) 2^-q), where Ck registers have the rank k.
  private static func estimate(ofRegisters registers: [Int]) -> Double {
    let m = Double(registers.count)
    let counts = (0...53).map { rank in Double(registers.count { $0 == rank }) }
    var sum = m * sigma(counts[0] / m) + m * tau(1 - counts[53] / m) / Double(1 << 52 as Int64)
    for rank in 1...52 { sum += counts[rank] / Double(1 << rank as Int64) }
    return m * m / (2 * Elementary.ln(2) * sum)
  }

  private static func sigma(_ x: Double) -> Double {
    if x == 1 { return .infinity }
    var (x, y, z, last) = (x, 1.0, x, -1.0)
    while z != last {
      x *= x
      last = z
      z += x * y
      y *= 2
    }
    return z
  }

  private static func tau(_ x: Double) -> Double {
    if x == 0 || x == 1 { return 0 }
    var (x, y, z, last) = (x, 1.0, 1 - x, -1.0)
    while z != last {
      x = x.squareRoot()
      last = z
      y /= 2
      z -= (1 - x) * (1 - x) * y
    }
    return z / 3
  }
}

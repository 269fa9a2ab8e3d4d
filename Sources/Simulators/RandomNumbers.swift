internal import Records

/// A stream of random numbers, the same for the same seed on every machine: xoshiro256**, seeded by SplitMix64 (Blackman
/// and Vigna, "Scrambled Linear Pseudorandom Number Generators", 2021).
struct RandomNumbers {
  private var state: (UInt64, UInt64, UInt64, UInt64)
  private var spareNormal: Double?

  /// The stream `index` of those that serve one purpose. Streams are independent, so that more days or customers change
  /// nothing about those there were.
  init(seed: UInt64, purpose: Purpose, index: Int) {
    var mixer = seed
    mixer = Self.mix(&mixer) ^ purpose.rawValue
    mixer = Self.mix(&mixer) ^ UInt64(truncatingIfNeeded: index)
    state = (Self.mix(&mixer), Self.mix(&mixer), Self.mix(&mixer), Self.mix(&mixer))
  }

  enum Purpose: UInt64 {
    case customer = 1
    case terminal = 2
    case transactions = 3
    case compromisedTerminals = 4
    case compromisedCustomers = 5
    case account = 6
    case logins = 7
    case stolenPasswords = 8
    case guessing = 9
    case stuffing = 10
    case card = 11
    case merchant = 12
    case authorisations = 13
    case rushes = 14
    case cardTesting = 15
    case holder = 16
    case transfers = 17
    case collections = 18
    case mules = 19
    case device = 20
    case readings = 21
    case faults = 22
  }

  /// SplitMix64.
  private static func mix(_ state: inout UInt64) -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  private mutating func next() -> UInt64 {
    let result = rotate(state.1 &* 5, by: 7) &* 9
    let shifted = state.1 << 17
    state.2 ^= state.0
    state.3 ^= state.1
    state.1 ^= state.2
    state.0 ^= state.3
    state.2 ^= shifted
    state.3 = rotate(state.3, by: 45)
    return result
  }

  private func rotate(_ value: UInt64, by bits: UInt64) -> UInt64 { value << bits | value >> (64 - bits) }

  /// Uniform in [0, 1), a multiple of 2^-53.
  mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// Uniform in `low`..<`high`.
  mutating func uniform(_ low: Double, _ high: Double) -> Double { low + (high - low) * unit() }

  /// Uniform in 0..<`count`: the upper half of a product, without the bias of a remainder worth speaking of.
  mutating func index(below count: Int) -> Int { Int(next().multipliedFullWidth(by: UInt64(count)).high) }

  /// True with a probability of `share`.
  mutating func chance(_ share: Double) -> Bool { unit() < share }

  /// Uniform in `range`.
  mutating func integer(in range: ClosedRange<Int>) -> Int { range.lowerBound + index(below: range.count) }

  /// One of `elements`, which are not empty.
  mutating func element<T>(of elements: [T]) -> T { elements[index(below: elements.count)] }

  /// Normally distributed, by Marsaglia's polar method.
  mutating func normal(mean: Double, deviation: Double) -> Double {
    if let spare = spareNormal {
      spareNormal = nil
      return mean + deviation * spare
    }
    while true {
      let x = uniform(-1, 1)
      let y = uniform(-1, 1)
      let square = x * x + y * y
      guard square > 0, square < 1 else { continue }
      let factor = (-2 * Elementary.ln(square) / square).squareRoot()
      spareNormal = y * factor
      return mean + deviation * x * factor
    }
  }

  /// Poisson distributed: how many exponentially distributed waits fit into `mean`.
  mutating func poisson(mean: Double) -> Int {
    var waited = 0.0
    var count = -1
    repeat {
      waited -= Elementary.ln(1 - unit())
      count += 1
    } while waited < mean
    return count
  }

  /// `count` different indices below `total`, or all of them, in the order drawn.
  mutating func sample(_ count: Int, below total: Int) -> [Int] {
    // The first places of a Fisher-Yates shuffle, of which only the places touched are written down.
    var moved: [Int: Int] = [:]
    var sample: [Int] = []
    for place in 0..<min(count, total) {
      let other = place + index(below: total - place)
      sample.append(moved[other] ?? other)
      moved[other] = moved[place] ?? place
    }
    return sample
  }
}

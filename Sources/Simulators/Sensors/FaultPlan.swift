/// When a machine, or its sensor, is out of order.
struct FaultPlan {
  private var faults: [(slots: Range<Int>, kind: Reading.Fault, strength: Double, noise: [Double])] = []
  /// The faults that are over.
  private var past = 0

  private static let perDay = 0.16

  /// What is wrong at one reading.
  struct Effect {
    let kind: Reading.Fault
    var isSilent = false
    /// Degrees that the reading is too high.
    var warmth = 0.0
    /// How many times the usual vibration it shows.
    var shaking = 1.0
  }

  init(seed: UInt64, device: Int, days: Int, readingsPerDay: Int) {
    var random = RandomNumbers(seed: seed, purpose: .faults, index: device)
    var free = 0
    for day in 0..<days {
      let happens = random.chance(Self.perDay)
      let start = day * readingsPerDay + random.index(below: readingsPerDay)
      let kind = random.element(of: Reading.Fault.allCases)
      let strength = random.unit()
      let length =
        switch kind {
        case .overheating: random.integer(in: 12...30)
        case .bearing: random.integer(in: 16...48)
        case .stuck: random.integer(in: 10...28)
        case .glitch: 1
        // The last of them is the reading that ends it.
        case .silence: random.integer(in: 5...24)
        }
      let noise = (0..<length).map { _ in random.normal(mean: 0, deviation: 1) }
      guard happens, start >= free else { continue }
      faults.append((start..<start + length, kind, strength, noise))
      // Repaired, and well for half a day.
      free = start + length + readingsPerDay / 2
    }
  }

  /// - Parameter slot: not before the one asked for last.
  mutating func fault(at slot: Int) -> Effect? {
    while past < faults.count, faults[past].slots.upperBound <= slot { past += 1 }
    guard past < faults.count, faults[past].slots.contains(slot) else { return nil }
    let fault = faults[past]
    let step = slot - fault.slots.lowerBound
    switch fault.kind {
    case .overheating: return Effect(kind: .overheating, warmth: Double(step + 1) * (0.5 + fault.strength))
    case .bearing:
      let ramp = 1 + Double(step) * 0.02 * (1 + fault.strength)
      return Effect(kind: .bearing, shaking: ramp * max(1 + 0.35 * fault.noise[step], 0.2))
    case .stuck: return Effect(kind: .stuck)
    case .glitch:
      let warmth = fault.strength < 0.5 ? -20 - 30 * fault.strength : 10 + 20 * fault.strength
      return Effect(kind: .glitch, warmth: warmth)
    case .silence: return Effect(kind: .silence, isSilent: slot < fault.slots.upperBound - 1)
    }
  }
}

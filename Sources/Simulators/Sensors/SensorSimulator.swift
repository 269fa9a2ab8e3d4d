internal import Records

/// Readings of the temperature and the vibration of made-up machines, every quarter of an hour, with five kinds of fault.
///
/// A machine is warmer by day and under load, which comes and goes, so that no fixed limit fits all of them.
package struct SensorSimulator {
  private let devices: Int
  private let days: Int
  private let seed: UInt64

  package static let most = 1_000_000
  package static let mostDays = 3650
  /// Devices times days: all readings, 96 of each device a day, are held until the last one is known.
  package static let mostDeviceDays = 1_000_000

  private static let interval = 15 * SimulatedTime.minute
  private static let readingsPerDay = SimulatedTime.day / interval

  /// - Parameters: each 1 or more, and at most `most` and `mostDays`, their product at most `mostDeviceDays`.
  package init(devices: Int, days: Int, seed: UInt64) {
    precondition(1...Self.most ~= devices && 1...Self.mostDays ~= days && devices * days <= Self.mostDeviceDays)
    self.devices = devices
    self.days = days
    self.seed = seed
  }

  /// All readings by time; those of one second by device.
  package func readings() -> [Reading] {
    var readings: [Reading] = []
    for device in 0..<devices { append(Int32(device), to: &readings) }
    readings.sort { ($0.time, $0.device) < ($1.time, $1.device) }
    return readings
  }

  private func append(_ device: Int32, to readings: inout [Reading]) {
    var random = RandomNumbers(seed: seed, purpose: .device, index: Int(device))
    var machine = Machine(&random)
    random = RandomNumbers(seed: seed, purpose: .readings, index: Int(device))
    var faults = FaultPlan(seed: seed, device: Int(device), days: days, readingsPerDay: Self.readingsPerDay)
    var last: Reading?
    for slot in 0..<days * Self.readingsPerDay {
      let time = Int64(slot * Self.interval + random.index(below: 40))
      let (temperature, vibration) = machine.read(
        hour: Double(slot * Self.interval % SimulatedTime.day) / 3600,
        &random
      )
      let isLost = random.chance(0.01)
      let fault = faults.fault(at: slot)
      if isLost && fault == nil || fault?.isSilent == true { continue }
      let reading = Reading(
        time: time,
        device: device,
        temperature: Int32(((temperature + (fault?.warmth ?? 0)) * 10).rounded()),
        vibration: Int32((vibration * (fault?.shaking ?? 1) * 100).rounded()),
        fault: fault?.kind
      )
      if fault?.kind == .stuck, let last {
        readings.append(
          Reading(time: time, device: device, temperature: last.temperature, vibration: last.vibration, fault: .stuck)
        )
      } else {
        readings.append(reading)
        last = reading
      }
    }
  }
}

/// A machine that works as it should.
struct Machine {
  private let warmth: Double
  private let swing: Double
  private let shaking: Double
  private var isLoaded = false
  /// From 0 to 1, how warm the load has made it.
  private var load = 0.0

  init(_ random: inout RandomNumbers) {
    warmth = random.uniform(42, 68)
    swing = random.uniform(1, 4)
    shaking = random.uniform(1.2, 2.8)
  }

  /// Degrees Celsius, and millimetres a second.
  mutating func read(hour: Double, _ random: inout RandomNumbers) -> (temperature: Double, vibration: Double) {
    if random.chance(1 / 24.0) { isLoaded.toggle() }
    load += ((isLoaded ? 1 : 0) - load) * 0.25
    // Warmest at three in the afternoon.
    let daily = swing * Elementary.sin((hour - 9) * (2 * Double.pi / 24))
    let temperature = warmth + daily + 5 * load + random.normal(mean: 0, deviation: 0.4)
    let vibration = shaking * (1 + 0.2 * load) * max(random.normal(mean: 1, deviation: 0.08), 0.1)
    return (temperature, vibration)
  }
}

import Simulators
import Testing

@Suite struct SensorSimulatorTests {
  static let rows = SensorSimulator(devices: 60, days: 20, seed: 3).readings()

  @Test func theSameSeedGivesTheSameBytesOnEveryMachine() {
    let hash = { csvHash(SensorSimulator(devices: 5, days: 10, seed: $0).readings()) }
    #expect(hash(1) == 8_398_700_628_332_883_040)
    #expect(hash(1) != hash(2))
  }

  @Test func moreDaysChangeNothingAboutTheEarlierOnes() {
    let long = SensorSimulator(devices: 20, days: 12, seed: 9).readings()
    #expect(long.filter { $0.time < 5 * 86_400 } == SensorSimulator(devices: 20, days: 5, seed: 9).readings())
  }

  @Test func rowsAreInTheOrderOfTime() {
    #expect(zip(Self.rows, Self.rows.dropFirst()).allSatisfy { $0.time <= $1.time })
    #expect(0.9...0.99 ~= Double(Self.rows.count) / (60 * 20 * 96))
  }

  @Test func eachKindOfFaultIsWhatItSays() {
    for fault in Reading.Fault.allCases { #expect(Self.rows.contains { $0.fault == fault }, "\(fault)") }
    for (device, rows) in Self.rows.grouped(by: \.device) {
      for (before, row) in zip(rows, rows.dropFirst()) {
        switch row.fault {
        case .stuck: #expect(before.temperature == row.temperature && before.vibration == row.vibration, "\(device)")
        case .silence: #expect(row.time - before.time > 4 * 15 * 60 - 60, "\(device) at \(row.time)")
        case .glitch: #expect(abs(before.temperature - row.temperature) > 60, "\(device) at \(row.time)")
        case .overheating, .bearing, nil: break
        }
        // Of two readings in a row that are lost, there is a word to say; of more, there are none.
        if row.fault == nil { #expect(row.time - before.time < 4 * 15 * 60, "\(device) at \(row.time)") }
      }
    }
  }
}

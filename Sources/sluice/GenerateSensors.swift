internal import ArgumentParser
internal import Simulators

/// `sluice generate sensors`: machines that grow warm and shake.
struct GenerateSensors: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sensors",
    abstract: "Simulates readings of machines with five kinds of fault, as CSV on stdout.",
    discussion: """
      A temperature and a vibration every quarter of an hour, which follow the hour of the day and the load. A machine \
      overheats, a bearing wears out, a sensor is stuck at one value, has a glitch, or falls silent. The columns is_fault \
      and fault say where. The same numbers and seed give the same bytes on every machine.
      """
  )

  @Option(help: "Devices, each with a warmth and a vibration of its own.")
  var devices: Int = 100

  @Option(help: "Days, from 2026-03-02.")
  var days: Int = 30

  @Option(help: "Of the random numbers.")
  var seed: UInt64 = 0

  func validate() throws {
    try GenerateCommand.check([
      "--devices": (devices, SensorSimulator.most), "--days": (days, SensorSimulator.mostDays),
    ])
    try GenerateCommand.check(
      product: devices * days,
      of: "--devices times --days",
      most: SensorSimulator.mostDeviceDays,
      rows: "95 million readings in 3 GB"
    )
  }

  func run() throws {
    let readings = SensorSimulator(devices: devices, days: days, seed: seed).readings()
    try GenerateCommand.write(readings, from: SimulatedTime.start)
  }
}

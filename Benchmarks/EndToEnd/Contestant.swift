/// One of those that do the same work in turn: what its runs took.
struct Contestant {
  let name: String
  private var rate = Measurement()
  private var elapsed = Measurement()
  private var processor = Measurement()
  private var largest = Measurement()

  static let columns = ["rows/s", "least", "greatest", "seconds", "CPU seconds", "largest process"]

  init(_ name: String) { self.name = name }

  mutating func add(_ cost: Cost, rows: Int) {
    rate.add(Double(rows) / cost.elapsed)
    elapsed.add(cost.elapsed)
    processor.add(cost.processor)
    largest.add(cost.largestProcess)
  }

  /// A row of a table under `columns`.
  var row: [String] {
    [name] + rate.texts(Figures.grouped) + [
      Figures.fixed(elapsed.median, 3), Figures.fixed(processor.median, 3), Figures.megabytes(largest.median),
    ]
  }
}

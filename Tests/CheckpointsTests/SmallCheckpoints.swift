import Checkpoints
import Dataflow
import Records
import TestSupport

extension Manifest {
  /// A checkpoint of a few hundred bytes, its files written: two files in a chain, results and dead letters held back.
  static func small(_ number: UInt64, in storage: any Storage, epoch: UInt32 = 1) throws -> Manifest {
    let full = try StateFileTests.write(
      [
        (StateBlock(group: 1, kind: 0, number: 0), [UInt8(truncatingIfNeeded: number), 1, 2]),
        (StateBlock(group: KeyGroups.count, kind: 1, number: 7), []),
      ],
      to: storage,
      StoredName.state(checkpoint: number, epoch: epoch, stage: 1, worker: 0)
    )
    let increment = try StateFileTests.write(
      [(StateBlock(group: 1, kind: 0, number: 0), [9, UInt8(truncatingIfNeeded: number)])],
      to: storage,
      StoredName.state(checkpoint: number, epoch: epoch, stage: 1, worker: 1)
    )
    let stagedName = StoredName.staged("results\(number)", epoch: epoch, stage: 3, worker: 0)
    let staged = try storage.create(stagedName)
    try staged.append([5, 6, UInt8(truncatingIfNeeded: number)])
    try staged.sync()
    var checksum = Checksum()
    checksum.add([6, UInt8(truncatingIfNeeded: number)].span)
    let range = StagedRange(file: stagedName, from: 1, to: 3, checksum: checksum.value)
    return Manifest(
      number: number,
      epoch: epoch,
      pipeline: "card-fraud",
      committedAt: 1_700_000_000_000_000,
      stages: [
        Stage(
          name: "customer",
          facts: [StateFact("key", "customer_id")],
          workers: [Worker(chain: [full, increment], bytes: increment.bytes)],
          output: OutputPlace(length: 100, staged: [range])
        )
      ],
      sources: [Source(name: "transactions", state: [1, 2, 3], place: number * 10)],
      deadLetters: OutputPlace(length: 0, staged: [])
    )
  }

  static func random(number: UInt64, _ random: inout SeededRandom) -> Manifest {
    func some<T>(_ most: Int, _ one: (inout SeededRandom) -> T) -> [T] {
      (0..<Int.random(in: 0...most, using: &random)).map { _ in one(&random) }
    }
    func length(_ random: inout SeededRandom) -> Int { Int.random(in: 0...Int.max, using: &random) }
    func place(_ random: inout SeededRandom) -> OutputPlace {
      let from = Int.random(in: 0...1000, using: &random)
      return OutputPlace(
        length: length(&random),
        staged: [
          StagedRange(file: "staged-a", from: from, to: from + 5, checksum: UInt32(truncatingIfNeeded: random.next()))
        ]
      )
    }
    return Manifest(
      number: number,
      epoch: UInt32(truncatingIfNeeded: random.next()),
      pipeline: "π \(random.next())",
      committedAt: Int64(truncatingIfNeeded: random.next()),
      stages: some(4) { random in
        var counters = RowCounters()
        counters.rowsIn = Int64(truncatingIfNeeded: random.next())
        counters.deadLetters = Int64(truncatingIfNeeded: random.next())
        return Stage(
          name: "s\(random.next())",
          facts: [StateFact("a", "b"), StateFact("", "\(random.next())")],
          counters: counters,
          workers: (0..<Int.random(in: 0...3, using: &random)).map { _ in
            Worker(
              chain: [SavedFile(name: "state-1", bytes: length(&random), blocks: length(&random), checksum: 3)],
              bytes: length(&random)
            )
          },
          output: Bool.random(using: &random) ? place(&random) : nil
        )
      },
      sources: some(2) { Source(name: "in", state: [1, 2], place: $0.next()) },
      deadLetters: Bool.random(using: &random) ? place(&random) : nil,
      isComplete: Bool.random(using: &random)
    )
  }

  /// The names of every file that it needs.
  var fileNames: [String] { stateFiles.map(\.name) + stagedRanges.map(\.file) }
}

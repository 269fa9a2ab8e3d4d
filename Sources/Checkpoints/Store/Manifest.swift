package import Dataflow
internal import Records

/// The committed description of a checkpoint: all that a later run needs to go on from it.
package struct Manifest: Hashable, Sendable {
  package var number: UInt64
  /// The epoch that made it.
  package var epoch: UInt32
  /// The pipeline's name.
  package var pipeline: String
  /// Wall-clock time of the commit, in microseconds since 1970 UTC.
  package var committedAt: Int64
  package var stages: [Stage]
  package var sources: [Source]
  package var deadLetters: OutputPlace?
  /// The input has been read to its end.
  package var isComplete: Bool

  package init(
    number: UInt64,
    epoch: UInt32,
    pipeline: String,
    committedAt: Int64,
    stages: [Stage] = [],
    sources: [Source] = [],
    deadLetters: OutputPlace? = nil,
    isComplete: Bool = false
  ) {
    self.number = number
    self.epoch = epoch
    self.pipeline = pipeline
    self.committedAt = committedAt
    self.stages = stages
    self.sources = sources
    self.deadLetters = deadLetters
    self.isComplete = isComplete
  }

  package struct Stage: Hashable, Sendable {
    package var name: String
    /// What the saved state means; the plan of a run that goes on from it has to say the same.
    package var facts: [StateFact]
    /// What became of the rows up to the barrier, summed over its workers.
    package var counters: RowCounters
    package var workers: [Worker]
    /// How far its results are, for a sink.
    package var output: OutputPlace?

    package init(
      name: String,
      facts: [StateFact] = [],
      counters: RowCounters = .init(),
      workers: [Worker] = [],
      output: OutputPlace? = nil
    ) {
      self.output = output
      self.name = name
      self.facts = facts
      self.counters = counters
      self.workers = workers
    }
  }

  package struct Worker: Hashable, Sendable {
    /// A full state file, then what changed since; empty for a worker without state.
    package var chain: [SavedFile]
    /// What it saved for this checkpoint alone.
    package var bytes: Int

    package init(chain: [SavedFile], bytes: Int) {
      self.chain = chain
      self.bytes = bytes
    }
  }

  package struct Source: Hashable, Sendable {
    /// The stage's name.
    package var name: String
    /// What the source takes back to go on.
    package var state: [UInt8]
    /// Records of the input before the barrier, to be shown.
    package var place: UInt64

    package init(name: String, state: [UInt8], place: UInt64) {
      self.name = name
      self.state = state
      self.place = place
    }
  }

  /// Every state file that it names.
  package var stateFiles: [SavedFile] { stages.flatMap { $0.workers.flatMap(\.chain) } }
  /// Every part of a staged file that it names.
  package var stagedRanges: [StagedRange] {
    stages.flatMap { $0.output?.staged ?? [] } + (deadLetters?.staged ?? [])
  }
}

/// A named fact about what saved state means, in words: the columns of a key, the length of a window.
package struct StateFact: Hashable, Sendable {
  package let name: String
  package let value: String

  package init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }
}

/// How far an output is at a checkpoint.
package struct OutputPlace: Hashable, Sendable {
  /// Bytes of the file that earlier checkpoints have published.
  package var length: Int
  /// What is behind them and not published yet, in its order.
  package var staged: [StagedRange]

  package init(length: Int, staged: [StagedRange]) {
    self.length = length
    self.staged = staged
  }
}

/// Part of a file that holds output back until its checkpoint is committed.
package struct StagedRange: Hashable, Sendable {
  package let file: String
  package let from: Int
  package let to: Int
  /// CRC-32C of the bytes.
  package let checksum: UInt32

  package init(file: String, from: Int, to: Int, checksum: UInt32) {
    self.file = file
    self.from = from
    self.to = to
    self.checksum = checksum
  }
}

package import Plan

/// A checked, compiled pipeline.
package struct PipelinePlan: Sendable {
  /// A stage by its name.
  package struct Stage: Sendable {
    package let name: String
    package let plan: StagePlan
  }

  package let name: String
  /// Where inputs go that could not be processed.
  package let deadLetterPath: String
  /// In the direction in which rows flow: the source first, the sink last.
  package let stages: [Stage]

  /// The file that results go to; nil: stdout.
  package var outputPath: String? {
    guard case .sink(_, .file(let path)) = stages.last?.plan.kind else { return nil }
    return path
  }
}

/// What the command line changes in a pipeline for one run.
package struct RunOptions: Sendable {
  /// Another file for the pipeline's source.
  package var input: String?
  /// A file for the results, instead of what the sink names.
  package var output: String?
  /// `jsonl`, `csv` or `table`.
  package var format: String?
  /// The columns to show, instead of all or what the sink names.
  package var columns: [String]?
  /// Every row, not only what the sink's `where` keeps.
  package var keepsAllRows = false
  /// Times event time; nil: as fast as it goes.
  package var speed: Double?
  /// Rows to read.
  package var limit: Int?

  package init() {}
}

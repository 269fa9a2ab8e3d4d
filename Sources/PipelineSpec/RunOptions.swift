/// What the command line changes in a pipeline for one run.
package struct RunOptions: Sendable {
  /// Other files for the pipeline's sources: a path for the only one, or `SOURCE=PATH`; `-` is stdin.
  package var inputs: [String] = []
  /// Nothing is read, whatever the sources name: for those who look at the plan only.
  package var ignoresInputs = false
  /// Nothing is written where the sinks name it, and whether it could be is not looked at.
  package var ignoresOutputs = false
  /// Whether the rows of `inputs` have the columns' own names, with values written the plain way, whatever the pipeline's input
  /// looks like.
  package var readsPlainly = false
  /// Whether models keep what only explanations need, whether or not the file asks for `reasons`.
  package var keepsExplanations = false
  /// A journal, instead of what a live source receives.
  package var journal: Journal?
  /// Files for the results, instead of what the sinks name: a path for the only one, or `SINK=PATH`.
  package var outputs: [String] = []
  /// A file for the dead letters, instead of what the pipeline file names.
  package var deadLetters: String?
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
  /// How many workers stages run as, instead of what the file says: `customer=2`.
  package var workers: [String] = []
  /// `real-time` or `micro-batch`.
  package var mode: String?
  /// Where micro-batches are cut: `500ms` or `10000 rows`.
  package var every: String?
  /// Rows of a batch at the most.
  package var batchRows: String?

  package init() {}

  package struct Journal: Sendable {
    /// Its directory.
    package let directory: String
    /// The wall-clock time of the last arrival to read, in microseconds since 1970 UTC; nil: all.
    package let until: Int64?

    package init(directory: String, until: Int64?) {
      self.directory = directory
      self.until = until
    }
  }
}

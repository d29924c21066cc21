/// A machine that we can compile C for and run it on: one folder `targets/<name>/` with a `target.json` and, where the
/// machine needs them, start-up code and a linker script. Adding a board is copying a folder.
///
/// The file's format is described in `targets/Format.md`.
public struct Target: Sendable, Hashable {
  public let name: String
  /// One sentence for lists and reports.
  public let summary: String
  /// The processor, in the words of its maker.
  public let core: String
  /// The absolute path of the target's folder.
  public let directory: String
  public let compiler: Compiler
  /// The command that runs a program, with the placeholders `{program}`, `{input}`, `{output}`, `{tools}` and, where
  /// there is a counter, a word `{counter}`.
  public let command: [String]
  /// How what a program executes is counted; `nil` where no counter is known.
  public let counter: Counter?
  public let binutils: Binutils
  /// What must be installed before the target can be used.
  public let needs: [Need]
  public let model: MachineModel
  /// Bytes of RAM that a network may have; nil where there is enough for any.
  public let ramBytes: Int?
  /// What such processors are usually clocked with, in Hz; nil where no one figure is usual.
  public let clock: Double?
  /// The fastest kernels that the machine can run.
  public let kernels: Kernels
  /// State digests are compared every so many steps (and always at the last): 1, or more on slow emulators.
  public let digestInterval: Int
  /// Further ways of building for the same machine, such as with sanitizers.
  public let variants: [Variant]

  /// The compiler's command and its flags. Paths of files are absolute.
  public struct Compiler: Sendable, Hashable {
    public let command: String
    /// Flags for every compilation and for the link: the machine, the debug information.
    public let flags: [String]
    /// Flags for freestanding sources (the generated C), which use no C library.
    public let freestanding: [String]
    /// Flags for the driver, the platform's sources and anything else that may use the platform.
    public let driver: [String]
    /// Added to `freestanding` and `driver` where the compiler can report stack use.
    public let stack: [String]
    public let link: [String]
    /// The platform's own sources, compiled with the driver's flags.
    public let sources: [String]
    public let includes: [String]
  }

  /// The commands that measure a program.
  public struct Binutils: Sendable, Hashable {
    public let size: String
    public let nm: String
    /// Finds the source lines of addresses.
    public let addr2line: String
  }

  /// How to count what a program executes.
  public struct Counter: Sendable, Hashable {
    /// How the counter's file reads.
    public enum Format: String, Sendable, Hashable, CaseIterable {
      /// A line `address count` for each instruction executed, in hexadecimal and decimal.
      case pcHistogram = "pc-histogram"
      /// The file that valgrind's callgrind writes.
      case callgrind
    }

    /// What is counted. Instructions are not cycles, and are never reported as such.
    public enum Unit: String, Sendable, Hashable, CaseIterable { case instructions, cycles }

    public let format: Format
    public let unit: Unit
    /// What takes the place of `{counter}` in the target's command; `{counts}` is the counter's file.
    public let arguments: [String]
    /// What must be installed for counting, beyond what the target needs.
    public let needs: [Need]
    /// How what each call costs is counted; nil where it cannot be.
    public let calls: CallCounter?
  }

  /// How to count what each call costs.
  public struct CallCounter: Sendable, Hashable {
    /// What takes the place of `{counter}` in the target's command; `{counts}` is the counter's file, `{map}` says which
    /// part of the program each of its pieces belongs to.
    public let arguments: [String]
    /// What must be installed, beyond what counting needs.
    public let needs: [Need]
  }

  /// A thing that must be installed, and the Debian package that brings it.
  public struct Need: Sendable, Hashable {
    /// How its presence is found out.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
      /// A command on the search path.
      case command
      /// A file of the C library, which the target's compiler must be able to find.
      case library
      /// A tool of ours, made by `make tools` from `targets/tools`, for which the package is needed.
      case tool
    }

    public let kind: Kind
    public let name: String
    public let package: String
  }

  /// What the machine's instruction set offers kernels beyond plain C.
  public enum Kernels: String, Sendable, Hashable, CaseIterable {
    case portable
    /// The DSP instructions of Armv7E-M.
    case armv7em = "armv7e-m"
  }

  /// What differs between machines in ways that C code can see.
  public struct MachineModel: Sendable, Hashable {
    public enum ByteOrder: String, Sendable, Hashable, CaseIterable { case little, big }

    public let intBits: Int
    public let pointerBits: Int
    public let byteOrder: ByteOrder
  }

  /// Another way of building for the same machine.
  public struct Variant: Sendable, Hashable {
    public let name: String
    /// Added to every compilation and to the link.
    public let flags: [String]
  }
}

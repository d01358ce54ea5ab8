# Completion of the command lines of csa and weave, for fish 3.4 or later.
#
# dev/install puts it into share/fish/vendor_completions.d, where fish looks if
# that share is ~/.local/share or one of XDG_DATA_DIRS.
#
# It offers what --help prints, read at each TAB: commands, options, and for a
# value or an operand what its name stands for. So a new command or option needs
# nothing here. At most two calls of csa.

# Prints the name of what option $argv[1] takes and the text that follows, as in
# "  -n, --number N    list the newest N", from the lines of help $argv[2..]. One
# that may be left out, as in "--project[=DIR]", begins with "=".
function __csa_look_up
    set -l option (string escape --style=regex -- $argv[1])
    string match -rg -- "^  (?:-., )?$option(?:, --[a-z-]+)?[ \[](=?[A-Z][A-Z=]*)\]? +(.*)" \
        $argv[2..]
end

function __csa_complete
    set -l before (commandline -opc)
    set -l program csa
    string match -q -- '*weave' $before[1]; and set program weave
    set -e before[1]
    command -q $program; or return
    set -l current (commandline -ct)

    # What may stand before a command; its own help then takes the place of this.
    set -l help '  --cd DIR  ' '  --format FORMAT  '
    set -l command
    set -l asked
    set -l operand
    set -l option
    set -l options true
    if test $program = weave
        set command weave
        set help (weave --help 2>/dev/null); or return
        set operand (string split -- '[OPTION]... ' $help[1])[2]
    end
    while set -q before[1]
        if set -q option[1]
            set option
        else if test "$before[1]" = --
            set options false
        else if $options; and string match -q -- '-*' $before[1]
            string match -qr '^[A-Z]' (__csa_look_up $before[1] $help)[1]
            and set option $before[1]
        else if set -q command[1]
            # The rest is a command line of its own.
            string match -q -- '*COMMAND*' "$operand"; and break
            # It chooses among several: what follows it.
            string match -q -- '* | *' "$operand"; and set operand (
                string split -- ' | ' $operand | string replace -f -- "$before[1] " '')[1]
        else if contains -- $before[1] help session
            set -a asked $before[1]
        else
            contains help $asked; and return
            set command $before[1]
            set help (csa $command --help 2>/dev/null); or return
            set operand (string split -- '[OPTION]... ' $help[1])[2]
        end
        set -e before[1]
    end
    if not set -q command[1]
        set help (csa --help 2>/dev/null); or return
        set operand COMMAND
    end

    set -l value $operand
    set -l prefix ''
    if set -q before[1]
        set options false
    else if set -q option[1]
        set value (__csa_look_up $option $help)
    else if $options; and string match -q -- '--*=*' $current
        set prefix (string replace -r -- '=.*' '=' $current)
        set value (__csa_look_up (string trim -rc = -- $prefix) $help)
    else if $options; and string match -q -- '-*' $current
        set value OPTION
    end
    switch "$value[1]"
        case OPTION
            string replace -rf -- '^  (?:-., )?(--[a-z-]+)(?: [A-Z=]+|\[=[A-Z]+\])? +' '$1'\t $help
        case '* | *'
            string split -- ' | ' $value | string replace -r -- ' .*' '' | sort -u
        case '*COMMAND*'
            if set -q command[1]
                complete -C "$(string escape -- $before | string join ' ') $current"
                return
            end
            string replace -rf -- '^  ([a-z][a-z-]*) +' '$1'\t $help
            set -q asked[1]; or string join \n \
                help\t'open the manual page of a command' session\t'the same as csa'
        case '*DIR*'
            __fish_complete_directories $current
        case '*FILE*' '*PROMPT*'
            complete -C "'' $current"
        case '*ID*'
            set -l state
            contains -- $command wait kill attach; and set state --all --state running
            # Short ids, the ends of ids; then the other columns.
            csa list $state 2>/dev/null |
                string replace -rf -- '^(\S{8,}) +' "$prefix\$1"\t |
                string replace -ra -- '  +' ' '
        case NAME
            test "$option$prefix" = --pattern -o "$option$prefix" = --pattern=
            and csa plan list 2>/dev/null |
                string replace -r -- '^(\S+) +' "$prefix\$1"\t
        case '*'
            # A word to be given as it is.
            string match -r -- '^[a-z]+$' $value[1]
            # Help such as "text or json: print the result as …".
            string match -rg -- '^([a-z_, -]+) or ([a-z_]+):' $value[2] |
                string split -- ', ' | string replace -r -- '^' "$prefix"
    end
end

complete -c csa -f -k -a '(__csa_complete)'
complete -c weave -f -k -a '(__csa_complete)'

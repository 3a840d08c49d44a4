--- `:Codeplan status` and `:Codeplan log`.
local client_of = require('codeplan.client')

local M = {}

--- The value of codeplan.status as lines for people.
---@param status codeplan.Status
---@return string[]
function M.lines(status)
  local lines = {
    ('codeplan-server %s, process %d'):format(status.version, status.process),
    ('model: %s (%s), %s'):format(
      status.backend.model,
      status.backend.kind,
      status.backend.open and 'in memory' or 'not loaded yet'
    ),
    ('sandbox: %s'):format(status.sandbox),
  }
  for _, problem in ipairs(status.settingsProblems) do
    lines[#lines + 1] = 'setting: ' .. problem
  end
  for _, work in ipairs(status.works) do
    lines[#lines + 1] = ('running: %s %s, %.0f s'):format(work.command, work['function'], work.seconds)
  end
  if #status.works == 0 then
    lines[#lines + 1] = 'running: nothing'
  end
  return lines
end

function M.show()
  require('codeplan').execute('status', {
    on_done = function(result)
      if result then
        client_of.tell(table.concat(M.lines(result), '\n'))
      end
    end,
  }, 'none')
end

--- Where the server's log goes: its own file when it has one, else Neovim's log of servers.
---@param status codeplan.Status|nil
---@return string
function M.log_path(status)
  if status and type(status.logFile) == 'string' then
    return status.logFile
  end
  return vim.lsp.log and vim.lsp.log.get_filename and vim.lsp.log.get_filename() or vim.lsp.get_log_path()
end

function M.open_log()
  local client = client_of.of_buffer(0) or client_of.all()[1]
  local function open(status)
    vim.cmd('tabedit +$ ' .. vim.fn.fnameescape(M.log_path(status)))
    vim.bo.readonly = true
  end
  if not client then
    return open(nil)
  end
  client_of.send(client, 'workspace/executeCommand', { command = 'codeplan.status' }, function(_, status)
    open(status)
  end)
end

return M

--- The language client: started with vim.lsp.enable (0.11) or vim.lsp.start (0.8 to 0.10), asked
--- with `request`. Differences between versions of Neovim are dealt with here and nowhere else.
local config = require('codeplan.config')

local M = {}

M.NAME = 'codeplan'
local NATIVE = vim.fn.has('nvim-0.11') == 1
-- A server that ends is noticed at once; this is for one that hangs, on a machine that is slow.
local START_SECONDS = 60
-- Of LSP's MessageType.
local LEVELS = { vim.log.levels.ERROR, vim.log.levels.WARN, vim.log.levels.INFO, vim.log.levels.DEBUG }

--- The client of a buffer, when its server is ready for requests.
---@param bufnr integer 0 for the current buffer
---@return vim.lsp.Client|nil
function M.of_buffer(bufnr)
  local get = vim.lsp.get_clients or vim.lsp.get_active_clients
  for _, client in ipairs(get({ name = M.NAME, bufnr = bufnr == 0 and vim.api.nvim_get_current_buf() or bufnr })) do
    if client.initialized and not M.is_stopped(client) then
      return client
    end
  end
end

--- All clients of codeplan, whatever their buffers.
---@return vim.lsp.Client[]
function M.all()
  local get = vim.lsp.get_clients or vim.lsp.get_active_clients
  return get({ name = M.NAME })
end

---@param client vim.lsp.Client
---@return boolean
function M.is_stopped(client)
  if NATIVE then
    return client:is_stopped()
  end
  return client.is_stopped()
end

--- Send a request; `done(error, result)` is called once. Returns the request's number or nil.
---@param client vim.lsp.Client
---@param method string
---@param params table|nil
---@param done fun(err: {message: string}|nil, result: any)
---@param bufnr integer|nil
---@return integer|nil
function M.send(client, method, params, done, bufnr)
  local handler = function(err, result)
    done(err, M.without_null(result))
  end
  local ok, number
  if NATIVE then
    ok, number = client:request(method, params, handler, bufnr)
  else
    ok, number = client.request(method, params, handler, bufnr)
  end
  if not ok then
    done({ message = 'the server has ended; see :Codeplan log' })
  end
  return ok and number or nil
end

--- Neovim 0.12 gives JSON's null as vim.NIL where older ones leave the field out; so does this.
---@param value any
---@return any
function M.without_null(value)
  if value == vim.NIL then
    return nil
  end
  if type(value) == 'table' then
    for key, field in pairs(value) do
      value[key] = M.without_null(field)
    end
  end
  return value
end

--- Call `ready(client)` when the buffer's server is there; it is started if need be. When there can
--- be none, `failed(message)` is called instead.
---@param bufnr integer
---@param ready fun(client: vim.lsp.Client)
---@param failed fun(message: string)
function M.with(bufnr, ready, failed)
  local client = M.of_buffer(bufnr)
  if client then
    return ready(client)
  end
  if vim.bo[bufnr].filetype ~= 'python' then
    return failed('codeplan works on Python files; this buffer is not one')
  end
  if vim.bo[bufnr].buftype ~= '' then
    return failed('codeplan works on files; this buffer is not one')
  end
  local settings = M.client_config(bufnr)
  if type(settings.cmd) == 'table' and vim.fn.executable(settings.cmd[1]) == 0 then
    return failed(
      ('%s was not found: install the Python package codeplan, or name the program in '):format(settings.cmd[1])
        .. 'vim.g.codeplan.cmd (:checkhealth codeplan)'
    )
  end
  local id
  vim.api.nvim_buf_call(bufnr, function()
    id = vim.lsp.start(settings)
  end)
  local tries = 0
  local function look()
    local started = vim.api.nvim_buf_is_valid(bufnr) and M.of_buffer(bufnr)
    if started then
      return ready(started)
    end
    tries = tries + 1
    local ended = not id or not vim.lsp.get_client_by_id(id)
    if ended or tries * 0.05 > START_SECONDS or not vim.api.nvim_buf_is_valid(bufnr) then
      return failed('the server did not start; see :Codeplan log')
    end
    vim.defer_fn(look, 50)
  end
  look()
end

--- The configuration for vim.lsp.start, with the root folder of this buffer.
---@param bufnr integer
---@return table a vim.lsp.ClientConfig
function M.client_config(bufnr)
  local made
  if NATIVE then
    made = vim.deepcopy(vim.lsp.config[M.NAME])
    made.root_dir = type(made.root_dir) == 'string' and made.root_dir or vim.fs.root(bufnr, made.root_markers or {})
  else
    made = vim.tbl_deep_extend('force', M.shipped(), M.additions())
    -- Before 0.11 what is given here takes the place of Neovim's own capabilities.
    made.capabilities = vim.tbl_deep_extend('force', vim.lsp.protocol.make_client_capabilities(), made.capabilities)
    local name = vim.api.nvim_buf_get_name(bufnr)
    local found = vim.fs.find(made.root_markers, { upward = true, path = vim.fs.dirname(name) })[1]
    made.root_dir = found and vim.fs.dirname(found) or nil
  end
  made.name = M.NAME
  return made
end

--- lsp/codeplan.lua of this plugin.
---@return table
function M.shipped()
  local here = debug.getinfo(1, 'S').source:sub(2)
  return dofile(vim.fn.fnamemodify(here, ':p:h:h:h') .. '/lsp/codeplan.lua')
end

--- What the plugin and the user's options add to lsp/codeplan.lua.
---@return table
function M.additions()
  local options = config.get()
  local handlers = {
    ['$/progress'] = function(...)
      return require('codeplan.progress').handle(...)
    end,
    ['workspace/applyEdit'] = function(...)
      return require('codeplan.edits').handle(...)
    end,
    ['window/showMessage'] = function(_, params)
      M.tell('codeplan: ' .. params.message, LEVELS[params.type])
      return vim.NIL
    end,
  }
  local capabilities = nil
  if vim.lsp.handlers['textDocument/diagnostic'] and not vim.lsp.handlers['workspace/diagnostic/refresh'] then
    -- Neovim 0.10 and 0.11 ask for diagnostics but can't be told that there are new ones.
    capabilities = { workspace = { diagnostics = { refreshSupport = true } } }
    handlers['workspace/diagnostic/refresh'] = function(_, _, context)
      return M.ask_diagnostics(context.client_id)
    end
  end
  return {
    cmd = options.cmd,
    settings = options.settings and { codeplan = options.settings } or nil,
    handlers = handlers,
    capabilities = capabilities,
  }
end

--- Ask for the diagnostics of every buffer of a client; Neovim's own handler shows them.
---@param client_id integer
---@return userdata
function M.ask_diagnostics(client_id)
  local client = vim.lsp.get_client_by_id(client_id)
  for bufnr in pairs(client and client.attached_buffers or {}) do
    local params = { textDocument = vim.lsp.util.make_text_document_params(bufnr) }
    if NATIVE then
      client:request('textDocument/diagnostic', params, nil, bufnr)
    else
      client.request('textDocument/diagnostic', params, nil, bufnr)
    end
  end
  return vim.NIL
end

--- Say something to the user.
---@param message string
---@param level integer|nil
function M.tell(message, level)
  -- What the command line shows of progress makes room; else Neovim would want ENTER to be pressed.
  vim.cmd('redraw')
  vim.notify(message, level or vim.log.levels.INFO, { title = 'codeplan' })
end

--- Called once, when the plugin is loaded.
function M.set_up()
  local group = vim.api.nvim_create_augroup('codeplan', {})
  vim.api.nvim_create_autocmd('LspAttach', {
    group = group,
    callback = function(args)
      local client = vim.lsp.get_client_by_id(args.data.client_id)
      if not client or client.name ~= M.NAME then
        return
      end
      if config.get().code_lens then
        require('codeplan.lens').attach(args.buf, group)
      end
      if config.get().inline_completion then
        require('codeplan.inline').attach(args.buf)
      end
    end,
  })
  if NATIVE then
    vim.lsp.config(M.NAME, M.additions())
    if config.get().autostart then
      vim.lsp.enable(M.NAME)
    end
  elseif config.get().autostart then
    vim.api.nvim_create_autocmd('FileType', {
      group = group,
      pattern = 'python',
      callback = function(args)
        local made = M.client_config(args.buf)
        if vim.bo[args.buf].buftype == '' and vim.fn.executable(made.cmd[1]) == 1 then
          vim.lsp.start(made)
        end
      end,
    })
  end
end

return M
